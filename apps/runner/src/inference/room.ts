/** Space for small tensors, cut from one slab after the other: an ArrayBuffer each would cost more than
 *  parsing the request does. A slab lives as long as any tensor in it. */

const SLAB_BYTES = 64 * 1024
/** Larger tensors get a buffer of their own, so that a long-lived small one never pins much. */
const OWN_BYTES = 8 * 1024

/** One buffer under every element type. */
export type Room = ReturnType<typeof createRoom>

function createRoom(size: number) {
  const buffer = new ArrayBuffer((size + 7) & ~7)
  return {
    UINT8: new Uint8Array(buffer),
    INT8: new Int8Array(buffer),
    UINT16: new Uint16Array(buffer),
    INT16: new Int16Array(buffer),
    UINT32: new Uint32Array(buffer),
    INT32: new Int32Array(buffer),
    UINT64: new BigUint64Array(buffer),
    INT64: new BigInt64Array(buffer),
    FP32: new Float32Array(buffer),
    FP64: new Float64Array(buffer),
  }
}

let slab = createRoom(SLAB_BYTES)
let used = 0

/** The room in which `size` bytes are free from `placedAt()` on, aligned for every element type.
 *  What is there already may be an earlier tensor's bytes: write all of it. */
export function takeRoom(size: number): Room {
  if (size > OWN_BYTES) {
    placed = 0
    return createRoom(size)
  }
  if (used + size > SLAB_BYTES) {
    slab = createRoom(SLAB_BYTES)
    used = 0
  }
  placed = used
  used = (used + size + 7) & ~7
  return slab
}

let placed = 0

/** The byte offset that the last `takeRoom` gave. */
export function placedAt(): number {
  return placed
}
