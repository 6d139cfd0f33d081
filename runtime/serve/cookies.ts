/*
 * Cookies of a server inside. A page cannot set what such a server sends, and a Request cannot carry them: they are kept
 * here, as long as the ServedApp. Used by http1.ts.
 */

interface Cookie {
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970; Infinity: to the end. */
  readonly expires: number;
}

/** The cookies of one server. */
export class Cookies {
  readonly #all = new Map<string, Cookie>();

  /** Keep what a Set-Cookie header says. */
  keep(header: string, requestPath: string): void {
    const [pair = "", ...attributes] = header.split(";").map((part) => part.trim());
    const equals = pair.indexOf("=");
    if (equals < 1) return;
    const name = pair.slice(0, equals);
    let path = requestPath.slice(0, Math.max(1, requestPath.lastIndexOf("/")));
    let expires = Infinity;
    let age: number | undefined;
    for (const attribute of attributes) {
      const [key = "", value = ""] = attribute.split(/=(.*)/s);
      if (/^path$/i.test(key) && value.startsWith("/")) path = value;
      if (/^max-age$/i.test(key)) age = Number(value);
      if (/^expires$/i.test(key)) expires = Date.parse(value);
    }
    if (age !== undefined) expires = Date.now() + 1000 * age;
    const key = `${name};${path}`;
    if (expires <= Date.now()) this.#all.delete(key);
    else this.#all.set(key, { value: pair, path, expires: Number.isNaN(expires) ? Infinity : expires });
  }

  /** The Cookie header for a path; "" when there is none. */
  header(path: string): string {
    const now = Date.now();
    const fits = [...this.#all.values()].filter(
      (cookie) => cookie.expires > now && (path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, "/"))),
    );
    return fits
      .sort((one, other) => other.path.length - one.path.length)
      .map(({ value }) => value)
      .join("; ");
  }
}
