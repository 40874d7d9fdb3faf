import { RunId, SteadError } from '@stead/contracts'

/** What may be logged, by the rules of MLflow and in its words. Keys that cannot be are refused; values that are too long
 *  are cut off, for a training should not end because of a long param. */

export interface KeyValue {
  readonly key: string
  readonly value: string
}
export interface LoggedMetric {
  readonly key: string
  /** NaN and the infinities are values, too. */
  readonly value: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly step: number
  /** The logged model that the value is of. */
  readonly model?: string | undefined
  readonly dataset?: { readonly name: string; readonly digest: string } | undefined
}
export interface Logged {
  readonly metrics: readonly LoggedMetric[]
  readonly params: readonly KeyValue[]
  readonly tags: readonly KeyValue[]
}

const LONGEST_KEY = 250
const LONGEST_PARAM = 6000
const LONGEST_TAG = 8000

/** Gives what will be kept. */
export function withinLimits({ metrics, params, tags }: Logged): Logged {
  const at = (list: string, count: number, index: number) => (count === 1 ? '' : `${list}[${index}].`)
  for (const [index, metric] of metrics.entries()) checkMetric(metric, at('metrics', metrics.length, index))
  refuseRepeated(params)
  return {
    metrics,
    params: params.map(({ key, value }, index) => {
      checkKey(key, `${at('params', params.length, index)}key`)
      return { key, value: upTo(value, LONGEST_PARAM) }
    }),
    tags: tags.map((tag, index) => checkTag(tag, `${at('tags', tags.length, index)}key`)),
  }
}

export function checkTag({ key, value }: KeyValue, where = 'key'): KeyValue {
  checkKey(key, where)
  return { key, value: upTo(value, LONGEST_TAG) }
}

/** The run that a tag names as parent; a text that is no id names none. */
export const parentIn = (value: string | undefined): string | null => RunId.safeParse(value).data ?? null

/** Of a single request in MLflow's protocol. */
export function refuseLargeBatch({ metrics, params, tags }: Logged): void {
  const counts: [number, number, string][] = [
    [metrics.length, 1000, 'metrics'],
    [params.length, 100, 'params'],
    [tags.length, 100, 'tags'],
    [metrics.length + params.length + tags.length, 1000, 'metrics, params, and tags'],
  ]
  for (const [count, most, what] of counts) {
    if (count > most)
      throw refused(
        `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
      )
  }
}

function checkMetric({ key, value, timestamp }: LoggedMetric, at: string): void {
  checkKey(key, `${at}name`)
  if (timestamp < 0)
    throw refused(
      `Invalid value ${timestamp} for parameter '${at}timestamp' supplied: metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
      `${at}timestamp`,
    )
}

// Nearly all keys are of these letters, and then none of the rules below can be broken.
const PLAIN = /^[A-Za-z0-9_]{1,250}$/
// What `\w` is to Python.
const ALLOWED = /^[/\p{L}\p{N}_.\- :]*$/u

export function checkKey(key: string, where: string): void {
  if (PLAIN.test(key)) return
  if (!ALLOWED.test(key))
    throw refused(
      `Invalid value ${JSON.stringify(key)} for parameter '${where}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
      where,
    )
  const norm = normalized(key)
  if (norm !== key || norm === '.' || norm.startsWith('..') || norm.startsWith('/'))
    throw refused(
      `Invalid value ${JSON.stringify(key)} for parameter '${where}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${inPython(norm)}`,
      where,
    )
  if (key.length > LONGEST_KEY && lengthOf(key) > LONGEST_KEY)
    throw refused(`'${where}' exceeds the maximum length of ${LONGEST_KEY} characters`, where)
}

/** As Python's `posixpath.normpath`. */
function normalized(path: string): string {
  const isAbsolute = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..' || (!isAbsolute && kept.length === 0) || kept.at(-1) === '..') kept.push(part)
    else kept.pop()
  }
  return `${isAbsolute ? '/' : ''}${kept.join('/')}` || '.'
}

function refuseRepeated(params: readonly KeyValue[]): void {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { key } of params) (seen.has(key) ? repeated : seen).add(key)
  if (repeated.size === 0) return
  const keys = [...repeated].map(inPython).join(', ')
  throw refused(
    `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
    'params',
  )
}

/** A text as Python shows it. */
export function inPython(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', String.raw`\n`)
  return quote + (quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped) + quote
}

/** In characters, of which some take two of JavaScript's units. */
export const lengthOf = (text: string): number => Array.from(text).length

/** Cut off between characters. */
export function upTo(text: string, most: number): string {
  return text.length <= most ? text : Array.from(text).slice(0, most).join('')
}

const refused = (message: string, where?: string) =>
  new SteadError('invalid_request', message, where === undefined ? {} : { where })
