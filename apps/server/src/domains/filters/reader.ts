import type { Complaint } from './filter.ts'
import { refusal } from './refusal.ts'
import { type Token, tokensOf } from './tokens.ts'

/** Goes through the tokens of a text, one after the other. */
export interface Reader {
  readonly text: string
  /** What is read, in messages: "filter string" or "order_by clause". */
  readonly says: string
  ahead(): Token
  next(): Token
  /** Takes the next token if it is this word (in any case) or sign. */
  take(word: string): Token | undefined
  refuse(message: string, complaint: Complaint, didYouMean?: string): Error
}

export function readerOf(text: string, says: string, where: string): Reader {
  const tokens = tokensOf(text)
  let at = 0
  // The last token is the end, and stays.
  const ahead = () => tokens[Math.min(at, tokens.length - 1)] as Token
  const next = () => {
    const token = ahead()
    at++
    return token
  }
  return {
    text,
    says,
    ahead,
    next,
    take(word) {
      const { is, text: found } = ahead()
      const matches = is === 'sign' ? found === word : is === 'word' && found.toLowerCase() === word
      return matches ? next() : undefined
    },
    refuse: (message, complaint, didYouMean) =>
      refusal(
        didYouMean === undefined ? message : `${message}. Did you mean '${didYouMean}'?`,
        { ...complaint, ...(didYouMean === undefined ? {} : { didYouMean }) },
        where,
      ),
  }
}
