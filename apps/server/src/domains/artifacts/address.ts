import { Digest, SteadError } from '@stead/contracts'

/** The place of an artifact under the root of a store: `sha256/ab/abcd…`. Checked again although the type says digest:
 *  this is the one spot where a name becomes a path. */
export function addressOf(digest: Digest): string {
  if (!Digest.safeParse(digest).success)
    throw new SteadError('invalid_request', 'That is not a digest.', { where: 'digest' })
  const hex = digest.slice('sha256:'.length)
  return `sha256/${hex.slice(0, 2)}/${hex}`
}

/** The digest of what lies at an address, or undefined for what is no address. */
export function digestAt(address: string): Digest | undefined {
  const parsed = Digest.safeParse(`sha256:${address.split('/').at(-1) ?? ''}`)
  return parsed.success && addressOf(parsed.data) === address ? parsed.data : undefined
}
