import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Reads a file piece by piece and tells its SHA-256: pages without TLS have no digest of their own, and none streams. */
export type FromHash =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'failed'; readonly message: string }

const PIECE_BYTES = 4 * 2 ** 20
/** The browser's own digest is many times faster, where there is one, but wants all of a file at once. */
const AT_ONCE_BYTES = 128 * 2 ** 20

addEventListener('message', ({ data }: MessageEvent<File>) => {
  const tell = (message: FromHash) => postMessage(message)
  hash(data, (done) => tell({ kind: 'progress', done })).then(
    (digest) => tell({ kind: 'digest', digest }),
    (error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})

async function hash(file: File, onProgress: (done: number) => void): Promise<string> {
  if (file.size <= AT_ONCE_BYTES && globalThis.crypto.subtle !== undefined) {
    const bytes = await file.arrayBuffer()
    onProgress(file.size)
    return `sha256:${bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))}`
  }
  const sum = sha256.create()
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer())
    sum.update(piece)
    onProgress(Math.min(at + piece.length, file.size))
  }
  return `sha256:${bytesToHex(sum.digest())}`
}
