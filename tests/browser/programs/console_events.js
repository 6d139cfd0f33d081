// Run before all else in a page: keeps what the events of a console told.

globalThis.seen = [];
for (const name of ["sospeso-state", "sospeso-ready", "sospeso-error"]) {
  addEventListener(name, ({ type, detail }) => {
    const told = detail.state ?? detail.pyodide?.core.name ?? detail.error?.message;
    seen.push(`${type.slice(8)} ${told}`);
  });
}
