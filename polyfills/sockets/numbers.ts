// numbers.ts - Linux's numbers for sockets: types, levels of options, flags of messages.
//
// Emscripten's libc is compiled with the same ones. Used by every file here; the families and the
// layouts of addresses are in address.ts.

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

export const SOL_SOCKET = 1;
export const IPPROTO_IPV6 = 41;

export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_WAITALL = 0x100;
