# The private package of Pyodide's whose `jsbind` users' code imports.
