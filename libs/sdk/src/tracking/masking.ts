/** Hides what looks like a secret. It cannot know all of them: it hides values that are named like one, the known forms
 *  of tokens, keys in PEM, and credentials within addresses. */
export const HIDDEN = '********'

const SECRET_NAME = String.raw`[\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth)[\w.-]*`

/** In quotes whatever it is; without them only what has a digit, for all else is code that computes it. */
const NAMED_VALUE = new RegExp(
  String.raw`(["'\x60]?${SECRET_NAME}["'\x60]?\s*(?::|=>|:?=)\s*)(?:"[^"\n]{3,}"|'[^'\n]{3,}'|\x60[^\x60\n]{3,}\x60|(?=[^\s(]*\d)[^\s"'\x60,;(){}[\]]{8,}(?![\w([]))`,
  'gi',
)
/** A line as shells and their like read it, in a difference too. */
const ASSIGNMENT = new RegExp(String.raw`^([+ -]?\s*(?:export\s+)?${SECRET_NAME}=)(?![\s"'=>])\S+`, 'gim')
const OPTION_VALUE = new RegExp(String.raw`(--?${SECRET_NAME}(?:=|\s+))(?!-)(\S+)`, 'gi')
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:'"]*:[^\s/@'"]+@/gi
const BEARER = /(\b(?:bearer|basic)\s+)[\w.~+/-]{8,}=*/gi
const KNOWN_FORMS =
  /\b(?:AKIA[A-Z0-9]{16}|ASIA[A-Z0-9]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk-[\w-]{16,}|xox[abposr]-[\w-]{10,}|npm_\w{20,}|hf_\w{20,}|AIza[\w-]{30,}|stead_\w+_[\w-]{20,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g
const PEM = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g

export function maskSecrets(text: string): string {
  return text
    .replace(PEM, `$1\n${HIDDEN}\n$2`)
    .replace(CREDENTIALS, `$1${HIDDEN}@`)
    .replace(BEARER, `$1${HIDDEN}`)
    .replace(KNOWN_FORMS, HIDDEN)
    .replace(NAMED_VALUE, `$1${HIDDEN}`)
    .replace(ASSIGNMENT, `$1${HIDDEN}`)
}

/** The words of a command line, without the values of options that are named like secrets. */
export const maskCommand = (words: readonly string[]): string =>
  maskSecrets(words.join(' ')).replace(OPTION_VALUE, `$1${HIDDEN}`)

/** Without a name and a password. */
export function maskAddress(address: string): string {
  const url = URL.parse(address)
  if (!url) return address
  url.username = ''
  url.password = ''
  return url.href
}

const SECRET_FILE =
  /(^|\/)(\.env(\.[\w.-]+)?|\.npmrc|\.netrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)|[^/]*\.(pem|key|p12|pfx|jks|keystore))$/i

/** Files that are kept for their secrets alone. */
export const isSecretFile = (path: string): boolean =>
  SECRET_FILE.test(path) && !/\.(example|sample|template)$/i.test(path)
