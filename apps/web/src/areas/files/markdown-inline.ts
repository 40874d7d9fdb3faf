import { safeAddress } from './safe-address.ts'

export type Inline =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'code'; readonly text: string }
  | { readonly is: 'strong' | 'emphasis' | 'struck'; readonly inline: readonly Inline[] }
  /** Without an address where that is none to follow. */
  | { readonly is: 'link'; readonly to: string | undefined; readonly inline: readonly Inline[] }
  | { readonly is: 'break' }

/** Marks in more text than that are left as they are. */
const LONGEST = 20_000
const DEEPEST = 6

/** The marks within a paragraph: code, strong, emphasis, struck, links. An image is a link of its alternative text. */
export function inlineOf(text: string, depth = 0): Inline[] {
  if (text.length > LONGEST || depth > DEEPEST) return [{ is: 'text', text }]
  const found: Inline[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') found.push({ is: 'text', text: plain })
    plain = ''
  }
  for (let at = 0; at < text.length;) {
    const mark = markAt(text, at, depth)
    if (mark === undefined) plain += text[at++]!
    else {
      if (typeof mark.inline === 'string') plain += mark.inline
      else {
        flush()
        found.push(mark.inline)
      }
      at = mark.end
    }
  }
  flush()
  return found
}

interface Mark {
  readonly inline: Inline | string
  readonly end: number
}

function markAt(text: string, at: number, depth: number): Mark | undefined {
  switch (text.charAt(at)) {
    case '\n':
      return { inline: { is: 'break' }, end: at + 1 }
    case '\\':
      return /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '') ? { inline: text[at + 1]!, end: at + 2 } : undefined
    case '`':
      return codeAt(text, at)
    case '*':
    case '_':
    case '~':
      return emphasisAt(text, at, depth)
    case '!':
      return text[at + 1] === '[' ? linkAt(text, at + 1, depth) : undefined
    case '[':
      return linkAt(text, at, depth)
    case '<':
      return bracketedAt(text, at)
    case 'h':
      return bareAt(text, at)
    default:
      return undefined
  }
}

function codeAt(text: string, at: number): Mark {
  let length = 1
  while (text[at + length] === '`') length++
  const fence = '`'.repeat(length)
  let end = text.indexOf(fence, at + length)
  // A longer run of backticks is another fence.
  while (end >= 0 && (text[end + length] === '`' || text[end - 1] === '`')) {
    let next = end
    while (text[next] === '`') next++
    end = text.indexOf(fence, next)
  }
  if (end < 0) return { inline: fence, end: at + length }
  const code = text.slice(at + length, end).replaceAll('\n', ' ')
  return { inline: { is: 'code', text: /^ .*\S.* $/.test(code) ? code.slice(1, -1) : code }, end: end + length }
}

function emphasisAt(text: string, at: number, depth: number): Mark | undefined {
  const char = text[at]!
  const isDouble = text[at + 1] === char
  if (char === '~' && !isDouble) return undefined
  const mark = isDouble ? char + char : char
  const from = at + mark.length
  if (/\s/.test(text[from] ?? ' ') || (char === '_' && /\w/.test(text[at - 1] ?? ''))) return undefined
  const end = closingOf(text, mark, from)
  if (end === undefined) return { inline: mark, end: from }
  const is = char === '~' ? 'struck' : isDouble ? 'strong' : 'emphasis'
  return { inline: { is, inline: inlineOf(text.slice(from, end), depth + 1) }, end: end + mark.length }
}

function closingOf(text: string, mark: string, from: number): number | undefined {
  for (let end = text.indexOf(mark, from + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
    const before = text[end - 1]!
    const after = text[end + mark.length] ?? ' '
    if (/\s/.test(before) || before === '\\') continue
    // One star does not close within two.
    if (mark.length === 1 && (after === mark || before === mark)) continue
    // Of three stars the last two close.
    if (mark.length === 2 && after === mark[0]) continue
    if (mark[0] === '_' && /\w/.test(after)) continue
    return end
  }
  return undefined
}

function linkAt(text: string, at: number, depth: number): Mark | undefined {
  const close = closingBracket(text, at)
  if (close === undefined || text[close + 1] !== '(') return undefined
  const end = closingParenthesis(text, close + 1)
  if (end === undefined) return undefined
  const target = /^\s*<?([^\s>]*)>?/.exec(text.slice(close + 2, end))?.[1] ?? ''
  const words = text.slice(at + 1, close)
  return { inline: { is: 'link', to: safeAddress(target), inline: inlineOf(words, depth + 1) }, end: end + 1 }
}

const NESTED = 400

/** Looked for as far as a name may go, so that many open brackets are not each looked for to the end. */
function closingBracket(text: string, at: number): number | undefined {
  let open = 0
  for (let end = at; end < text.length && end < at + NESTED * 5; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === '[') open++
    else if (text[end] === ']' && --open === 0) return end
  }
  return undefined
}

function closingParenthesis(text: string, at: number): number | undefined {
  let open = 0
  for (let end = at; end < text.length && end < at + NESTED * 10; end++) {
    if (text[end] === '(') open++
    else if (text[end] === ')' && --open === 0) return end
  }
  return undefined
}

function bracketedAt(text: string, at: number): Mark | undefined {
  const end = text.indexOf('>', at)
  if (end < 0 || end > at + NESTED * 5) return undefined
  const address = safeAddress(text.slice(at + 1, end))
  if (address === undefined) return undefined
  return { inline: { is: 'link', to: address, inline: [{ is: 'text', text: address }] }, end: end + 1 }
}

function bareAt(text: string, at: number): Mark | undefined {
  if (/[\w:]/.test(text[at - 1] ?? '')) return undefined
  const found = /^https?:\/\/[^\s<>"'`*|\]]+/.exec(text.slice(at, at + NESTED * 5))?.[0].replace(/[.,;:!?)]+$/, '')
  const address = found === undefined ? undefined : safeAddress(found)
  if (address === undefined) return undefined
  return { inline: { is: 'link', to: address, inline: [{ is: 'text', text: address }] }, end: at + address.length }
}
