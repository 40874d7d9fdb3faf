type ExperimentPart = 'runs' | 'models' | 'traces' | 'evaluation sets'

/** What an address of MLflow's own console is about: `/#/experiments/1/runs/…`. */
export type MlflowPlace =
  | { readonly is: 'experiments' }
  | { readonly is: 'experiment'; readonly experiment: string; readonly part: ExperimentPart }
  | { readonly is: 'run'; readonly run: string; readonly part: 'overview' | 'metrics' | 'system' | 'files' }
  | { readonly is: 'comparison'; readonly runs: readonly string[]; readonly experiment: string | undefined }
  | { readonly is: 'trace'; readonly trace: string }
  | { readonly is: 'logged model'; readonly model: string }
  | { readonly is: 'webhooks' }
  | { readonly is: 'models' }
  | { readonly is: 'model'; readonly model: string }
  | { readonly is: 'version'; readonly model: string; readonly version: string }

const PARTS: Readonly<Record<string, 'metrics' | 'system' | 'files'>> = {
  'model-metrics': 'metrics',
  'system-metrics': 'system',
  artifacts: 'files',
}

const EXPERIMENT_PARTS: ReadonlyMap<string | undefined, ExperimentPart> = new Map([
  ['models', 'models'],
  ['traces', 'traces'],
  ['datasets', 'evaluation sets'],
])

/** Reads what stands behind the `#`; undefined where there is no such page here. */
export function readMlflowHash(hash: string): MlflowPlace | undefined {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const [noun, one, part, two, more] = path
    .split('/')
    .filter((word) => word !== '')
    .map(decoded)
  const search = new URLSearchParams(query)
  const trace = search.get('selectedEvaluationId') ?? search.get('selectedTraceId')
  if (noun === 'experiments' && part === 'traces' && (trace ?? two)) return { is: 'trace', trace: (trace ?? two)! }
  if (noun === 'experiments') return experimentPlace(one, part, two, more)
  if (noun === 'runs' && one !== undefined) return { is: 'run', run: one, part: 'overview' }
  if (noun === 'compare-runs' || noun === 'metric')
    return { is: 'comparison', runs: listIn(search, 'runs'), experiment: listIn(search, 'experiments')[0] }
  if (noun === 'compare-experiments') {
    const [first] = listIn(search, 'experiments')
    return first === undefined ? { is: 'experiments' } : { is: 'experiment', experiment: first, part: 'runs' }
  }
  if (noun === 'compare-model-versions') {
    const model = textIn(search, 'name')
    return model === undefined ? { is: 'models' } : { is: 'model', model }
  }
  if (noun === 'settings' && one === 'webhooks') return { is: 'webhooks' }
  if (noun !== 'models') return undefined
  if (one === undefined) return { is: 'models' }
  return part === 'versions' && two !== undefined
    ? { is: 'version', model: one, version: two }
    : { is: 'model', model: one }
}

function experimentPlace(
  experiment: string | undefined,
  part: string | undefined,
  two: string | undefined,
  more: string | undefined,
): MlflowPlace {
  if (experiment === undefined) return { is: 'experiments' }
  if (part === 'runs' && two !== undefined)
    return { is: 'run', run: two, part: (more !== undefined && PARTS[more]) || 'overview' }
  if (part === 'models' && two !== undefined) return { is: 'logged model', model: two }
  return { is: 'experiment', experiment, part: EXPERIMENT_PARTS.get(part) ?? 'runs' }
}

/** A list of texts in JSON, as MLflow writes them. */
function listIn(search: URLSearchParams, name: string): string[] {
  const read = jsonIn(search, name)
  return Array.isArray(read)
    ? read.flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []))
    : []
}

function textIn(search: URLSearchParams, name: string): string | undefined {
  const read = jsonIn(search, name)
  return typeof read === 'string' ? read : undefined
}

function jsonIn(search: URLSearchParams, name: string): unknown {
  try {
    return JSON.parse(search.get(name) ?? 'null')
  } catch {
    return undefined
  }
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}
