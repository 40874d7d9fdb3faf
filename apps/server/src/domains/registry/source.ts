import { SteadError } from '@stead/contracts'

/** What a client of MLflow names as the origin of a version. */
export type Source =
  /** Below the files of a run. */
  | { readonly is: 'run'; readonly run: string; readonly path: string }
  | { readonly is: 'logged-model'; readonly id: string }
  /** Another version: `models:/name/3`, `models:/name@alias`. */
  | { readonly is: 'version'; readonly model: string; readonly version: string }
  /** In the tree of files behind `mlflow-artifacts:`. */
  | { readonly is: 'files'; readonly path: string }
  /** Kept as a text, and never opened: another store, or nothing but words. */
  | { readonly is: 'elsewhere' }

const MOST_DECODINGS = 10

/** Reads a source. Refuses one that points upwards, however often that is encoded, and one on the disk of the server,
 *  in the words that MLflow's clients know. */
export function readSource(source: string, asked: { isPrompt: boolean; ofLoggedModel: boolean }): Source {
  const scheme = schemeOf(source)
  if (asked.isPrompt) {
    if (scheme === 'file' || isAbsolute(source))
      throw refused(`Invalid prompt source: '${source}'. Local source paths are not allowed for prompts.`)
    // What is in the registry's own tests: words such as `prompt-template`.
    if (scheme === '') return { is: 'elsewhere' }
  } else if (scheme === '' || scheme === 'file') {
    const id = asked.ofLoggedModel ? 'model_id' : 'run_id'
    throw refused(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${id} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${id}.`,
    )
  }
  refuseUpwards(source)
  const path = pathOf(source)
  switch (scheme) {
    case 'runs': {
      const [, run = '', below = ''] = /^\/*([^/]+)\/?(.*)$/.exec(path) ?? []
      return run === '' ? { is: 'elsewhere' } : { is: 'run', run, path: below }
    }
    case 'models':
      return modelNamed(source, path)
    case 'mlflow-artifacts':
      return { is: 'files', path }
    default:
      return { is: 'elsewhere' }
  }
}

/** `models:/m-1234` or `models:/name/3` or `models:/name@alias`; a file below a logged model may follow. */
function modelNamed(source: string, path: string): Source {
  const [, id] = /^(m-[0-9a-f]{32})(?:\/|$)/.exec(path) ?? []
  if (id !== undefined) return { is: 'logged-model', id }
  const [, model, version] = /^([^/@]+)[/@]([^/]+)$/.exec(path) ?? []
  if (model !== undefined && version !== undefined) return { is: 'version', model, version }
  throw refused(
    `Not a proper models:/ URI: ${source}. Models URIs must be of the form 'models:/model_name/suffix' or 'models:/model_name@alias' where suffix is a model version, stage, or the string 'latest' and where alias is a registered model alias. Only one of suffix or alias can be defined at a time.`,
  )
}

/** A letter and a colon are a drive of Windows. */
const schemeOf = (source: string): string => {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]+):/i.exec(source.trim()) ?? []
  return scheme.toLowerCase()
}

const isAbsolute = (source: string): boolean => /^\s*(?:[/\\]|[a-z]:)/i.test(source)

/** Without the scheme, the authority and the slashes around. */
const pathOf = (source: string): string =>
  source
    .trim()
    .replace(/^[a-z][a-z0-9+.-]+:/i, '')
    .replace(/^\/\/[^/]*/, '')
    .replace(/^\/+|\/+$/g, '')
    .replaceAll(/\/+/g, '/')

function refuseUpwards(source: string): void {
  const wrong = refused(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
  )
  let read = source
  for (let times = 0; ; times++) {
    if (/\p{Cc}/u.test(read) || read.split(/[/\\?#;&=]/).some((part) => part === '..' || part === '.')) throw wrong
    const decoded = decodedOnce(read)
    if (decoded === read) return
    if (times === MOST_DECODINGS) throw wrong
    read = decoded
  }
}

/** As the most lenient of readers would: what can be decoded is, and the rest is left. */
const decodedOnce = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
      new TextDecoder().decode(Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16))),
    )

const refused = (message: string) => new SteadError('invalid_request', message, { where: 'source' })
