// ioctl.ts - the requests to a terminal that Emscripten refuses or answers with nonsense.
//
// tcdrain(), tcflow() and tcsendbreak() were EINVAL, and tcgetpgrp() gave a process group that nobody is in: a
// program saw itself in the background. The rest stays Emscripten's. Put in its place by runtime/load/load.ts.

import type { WasmHost } from "../files/fs.ts";
import { ERRNO, TCSBRK, TCSBRKP, TCXONC, TIOCGPGRP, TIOCSPGRP } from "../numbers.ts";

/** What getpgrp() gives: Emscripten's one process. */
const GROUP = 42;

/** The system call; the last argument is the address of the variable arguments. */
export type Ioctl = (fd: number, request: number, varargs: number) => number;

/** An ioctl() that knows more; `host` is read at call time only. */
export function terminalIoctl(host: Pick<WasmHost, "FS" | "HEAPU8">, emscripten: Ioctl): Ioctl {
  return (fd, request, varargs) => {
    if (![TCSBRK, TCXONC, TIOCGPGRP, TIOCSPGRP, TCSBRKP].includes(request)) return emscripten(fd, request, varargs);
    const stream = host.FS.getStream(fd);
    if (stream === null || stream === undefined) return -ERRNO.EBADF;
    if (stream.tty === undefined) return -ERRNO.ENOTTY;
    // What was written is with the terminal when write() returns, and nobody wants a break or a pause of it.
    if (request !== TIOCGPGRP && request !== TIOCSPGRP) return 0;
    const memory = new DataView(host.HEAPU8.buffer);
    const at = memory.getUint32(varargs >>> 0, true);
    if (request === TIOCSPGRP) return memory.getInt32(at, true) === GROUP ? 0 : -ERRNO.EPERM;
    memory.setInt32(at, GROUP, true);
    return 0;
  };
}
