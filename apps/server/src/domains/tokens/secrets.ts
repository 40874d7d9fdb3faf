import { createHash, randomBytes } from 'node:crypto'
import { TOKEN_PREFIXES } from '@stead/contracts'

/** A secret that a machine shows, and what is kept of it. */
export interface Secret {
  readonly secret: string
  readonly hash: string
  readonly hint: string
}

const HINT_LENGTH = 16

/** 256 random bits behind a prefix that says what they are for; too many to guess, so a plain hash is enough. */
export function newSecret(kind: keyof typeof TOKEN_PREFIXES): Secret {
  const secret = `${TOKEN_PREFIXES[kind]}${randomBytes(32).toString('base64url')}`
  return { secret, hash: createHash('sha256').update(secret).digest('hex'), hint: secret.slice(0, HINT_LENGTH) }
}
