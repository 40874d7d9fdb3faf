import { SteadError } from '@stead/contracts'

/** Deeper than anything of ours; shallow enough for every recursion that walks a body. */
const DEEPEST = 64

/** Refuses JSON that would break what comes after parsing: nested so deeply that recursion fails, or with characters
 *  that the database has no way to keep (U+0000, half a surrogate pair). */
export function refuseUnfitJson(text: string, value: unknown): void {
  // Such characters can only come as escapes: JSON forbids a bare U+0000, and UTF-8 has no lone surrogates.
  if (text.includes('\\u')) refuseUnfitText(value, 'body')
}

export function refuseDeepJson(text: string): void {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (quoted) {
      if (character === 0x5c) at += 1
      else if (character === 0x22) quoted = false
    } else if (character === 0x22) quoted = true
    else if (character === 0x5b || character === 0x7b) {
      if (++depth > DEEPEST)
        throw new SteadError('invalid_request', `body: nested more than ${DEEPEST} levels deep`, { where: 'body' })
    } else if (character === 0x5d || character === 0x7d) depth -= 1
  }
}

/** Also for the texts of paths and queries. */
export function refuseUnfitText(value: unknown, where: string): void {
  if (typeof value === 'string') {
    if (value.isWellFormed() && !value.includes('\0')) return
    throw new SteadError('invalid_request', `${where}: holds U+0000 or half a surrogate pair, which cannot be kept`, {
      where,
    })
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    refuseUnfitText(key, where)
    refuseUnfitText(item, `${where}.${key}`)
  }
}
