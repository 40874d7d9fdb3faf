import { MlflowError } from './failures.ts'
import { refuseDeepJson, refuseUnfitJson } from '../http/json-body.ts'

/** Bodies as this protocol's clients write them: Python's JSON has NaN and the infinities as bare words, and old
 *  clients put the whole body into a text once more. */
export function parseBody(text: string): unknown {
  refuseDeepJson(text)
  let value = parseLeniently(text)
  if (typeof value === 'string') value = parseLeniently(value)
  refuseUnfitJson(text, value)
  return value
}

function parseLeniently(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return JSON.parse(withQuotedNumbers(text))
    } catch {
      throw new MlflowError('BAD_REQUEST', 'The body of the request is no JSON.')
    }
  }
}

/** Texts are passed over, so that what is in quotes stays as it is. */
const withQuotedNumbers = (text: string): string =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  )
