import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Hands something to a browser that nobody else can read or make, and that is worth nothing after a while. It lasts no
 *  longer than this process. */
export interface Sealing<T> {
  seal(value: T): string
  /** Undefined for what was not sealed here, or too long ago. */
  open(sealed: string): T | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM; `name` keeps what was sealed for one purpose from being opened for another. */
export function createSealing<T>(name: string, lastsMs: number, clock: { monotonic(): number }): Sealing<T> {
  const key = randomBytes(32)
  return {
    seal(value) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name))
      const text = JSON.stringify({ until: clock.monotonic() + lastsMs, value })
      const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      try {
        const text =
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        // What opens was sealed above, and is what it was then.
        const { until, value } = JSON.parse(text) as { until: number; value: T }
        return until > clock.monotonic() ? value : undefined
      } catch {
        return undefined
      }
    },
  }
}
