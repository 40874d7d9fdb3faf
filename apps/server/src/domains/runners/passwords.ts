import { createHash, createHmac, randomBytes } from 'node:crypto'
import { Digest } from '@stead/contracts'
import type { RunnerName } from '@stead/contracts'

/** What the server shows a runner that it asks something itself. Each runner knows the hash of one of its own, so that
 *  none can use what it was shown at another's door; with the server's end all of them are void. */
export interface Passwords {
  of(runner: RunnerName): string
  digestOf(runner: RunnerName): Digest
}

export function createPasswords(seed: Uint8Array = randomBytes(32)): Passwords {
  const of = (runner: RunnerName) => createHmac('sha256', seed).update(runner).digest('base64url')
  return {
    of,
    digestOf: (runner) => Digest.parse(`sha256:${createHash('sha256').update(of(runner)).digest('hex')}`),
  }
}
