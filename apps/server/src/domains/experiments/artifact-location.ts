import { SteadError } from '@stead/contracts'

const LONGEST = 2048

/** Where an experiment's runs are to keep their files: a URI, of which nothing may lead anywhere else than it seems to.
 *  Clients alone open those that are not of this server. */
export function checkArtifactLocation(location: string): void {
  const refuse = (says: string) =>
    new SteadError('invalid_request', `Invalid artifact location: ${says}`, { where: 'artifact_location' })
  if (location.length > LONGEST) throw refuse(`at most ${LONGEST} characters`)
  if (/[\p{Cc}\\]/u.test(location)) throw refuse('control characters and backslashes have no place in it')
  if (/[#;?]/.test(location)) throw refuse('it has no fragment, params or query')
  if (/^runs:/i.test(location)) throw refuse("'runs:' names a run, not a place")
  if (decoded(location).split(/[/\\]/).includes('..')) throw refuse("it has no '..'")
}

/** However often it was encoded. */
function decoded(text: string): string {
  let before = text
  for (let round = 0; round < 10; round++) {
    const after = before.replaceAll(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)))
    if (after === before) break
    before = after
  }
  return before
}
