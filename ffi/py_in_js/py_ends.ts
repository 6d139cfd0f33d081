/*
 * How a PyProxy ends. A record owns a reference to its Python object, or shares
 * that of another one (bind, captureThis, asJsJson): those end together. Made by
 * py_proxy.ts and py_json.ts.
 *
 * Invariants
 *  1. destroy() does its work once, whoever calls it and whatever runs meanwhile.
 *  2. What the error of a later use tells is decided when the proxy ends: repr()
 *     of its object can be asked only then.
 */

import { TEXT_REPR, TEXT_STR, TEXT_TYPE } from "../abi/abi.ts";
import type { CallStyle, ProxyRecord, Shape } from "../bridge/bridge_types.ts";
import { TrapRecord } from "./py_traps.ts";

/** A record that owns a reference to its object. */
export class OwnRecord extends TrapRecord {
  declare object: number;

  constructor(shape: Shape, object: number, style: CallStyle | undefined) {
    super(shape, style);
    this.object = object;
  }

  get ender(): ProxyRecord {
    return this;
  }

  override destroy(reason?: string): void {
    if (this.object === 0) return;
    const { space } = this.shape;
    if (space.bridge.debug) describe(this);
    if (this.object === 0) return; // its own repr() has destroyed it
    this.reason = reason;
    space.release(this);
    const { attributes } = this;
    if (attributes === undefined) return;
    this.attributes = undefined;
    attributes.letGo();
  }
}

/** A record that shares the object of another proxy: one ends with the other. */
export class ViewRecord extends TrapRecord {
  readonly ender: ProxyRecord;
  /** Keeps the other proxy from being collected. */
  readonly anchor: object;

  constructor(owner: ProxyRecord, anchor: object, style: CallStyle | undefined) {
    super(owner.shape, style);
    this.ender = owner;
    this.anchor = anchor;
  }

  override get object(): number {
    return this.ender.object;
  }

  override set object(address: number) {
    this.ender.object = address;
  }

  override destroy(reason?: string): void {
    this.ender.destroy(reason);
  }
}

/** What the type and the text of the object are, and where the proxy came from and ends; debug mode only. */
function describe(record: ProxyRecord): void {
  const { space } = record.shape;
  const { bridge } = space;
  const ask = (which: number): string => {
    try {
      return String(space.result(bridge.exports.sospeso_py_text(record.object, which, bridge.slots)));
    } catch {
      return "";
    }
  };
  const type = ask(TEXT_TYPE);
  const text = ask(bridge.compat.reprToString ? TEXT_REPR : TEXT_STR);
  const rare = record.needRare();
  rare.described =
    `The object was of type "${type}" and ` +
    (text === "" ? "an error was raised when trying to generate its repr" : `had repr "${text}"`);
  const made = (rare.origin ?? "").split("\n").slice(1).join("\n");
  rare.ended = new Error(`the proxy was destroyed${made === "" ? "" : `; it was made\n${made}\nand destroyed`}`);
}
