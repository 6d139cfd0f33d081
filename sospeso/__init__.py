"""Host-side package: command line, dev server, engines, JavaScript tools, build door."""
