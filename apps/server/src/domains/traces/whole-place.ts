import { invalidToken } from '../filters/page-token.ts'

/** A whole number out of a token of a page, as the database takes it; tokens come back from callers. */
export function wholePlace(text: string): string {
  if (/^-?\d{1,20}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return text
  throw invalidToken('parsing failed')
}
