import { readYaml } from './yaml.ts'
import type { Yaml } from './yaml-scalars.ts'

export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Flavor {
  readonly name: string
  readonly facts: readonly Fact[]
}

/** One column or tensor that a model takes or gives, or a parameter of its prediction. */
export interface SignaturePart {
  /** Empty where it has none. */
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  /** Of a parameter. */
  readonly preset?: string
}

export type Part = 'inputs' | 'outputs' | 'params'

/** What an MLmodel file tells, as far as it is shown. */
export interface MlModel {
  readonly modelId: string | undefined
  readonly runId: string | undefined
  /** Within its run, of models that were logged before they had an id. */
  readonly runPath: string | undefined
  readonly mlflowVersion: string | undefined
  readonly made: string | undefined
  readonly size: number | undefined
  readonly flavors: readonly Flavor[]
  /** Undefined where the model has none; a part is undefined where it cannot be read. */
  readonly signature: Readonly<Record<Part, readonly SignaturePart[] | undefined>> | undefined
  /** Files beside it that say what it needs to run, and one that shows what it takes. */
  readonly environment: readonly string[]
  readonly examples: readonly string[]
}

/** Reads an MLmodel file. Throws YamlError for what cannot be read. */
export function readMlModel(text: string): MlModel {
  const document = readYaml(text)
  const saved = entry(document, 'saved_input_example_info')
  return {
    modelId: matching(entry(document, 'model_id'), /^m-[\da-f]{32}$/),
    runId: matching(entry(document, 'run_id'), /^[\w-]{1,256}$/),
    runPath: matching(entry(document, 'artifact_path'), /^[^:\\]+$/),
    mlflowVersion: wordOf(entry(document, 'mlflow_version')),
    made: wordOf(entry(document, 'utc_time_created')),
    size: numberOf(entry(document, 'model_size_bytes')),
    flavors: flavorsOf(entry(document, 'flavors')),
    signature: signatureOf(entry(document, 'signature')),
    environment: environmentOf(entry(document, 'flavors')),
    examples: paths(entry(saved, 'artifact_path'), entry(saved, 'serving_input_path')),
  }
}

const isMapping = (value: Yaml | undefined): value is ReadonlyMap<string, Yaml> => value instanceof Map
const entry = (value: Yaml | undefined, key: string) => (isMapping(value) ? value.get(key) : undefined)
const wordOf = (value: Yaml | undefined) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
const numberOf = (value: Yaml | undefined) => (typeof value === 'number' ? value : undefined)
const matching = (value: Yaml | undefined, form: RegExp) =>
  typeof value === 'string' && form.test(value) ? value : undefined

/** Files that lie beside the MLmodel or below it. */
const isInside = (path: string) =>
  path !== '' && !path.includes('\\') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
const paths = (...values: (Yaml | undefined)[]) =>
  values.filter((value): value is string => typeof value === 'string' && isInside(value))

function environmentOf(flavors: Yaml | undefined): string[] {
  const env = entry(entry(flavors, 'python_function'), 'env')
  const named = isMapping(env) ? [...env.values()] : [env]
  // The others name it, and the file itself does not.
  return [...new Set([...paths(...named), ...(named.some((one) => one !== undefined) ? ['requirements.txt'] : [])])]
}

function flavorsOf(flavors: Yaml | undefined): Flavor[] {
  if (!isMapping(flavors)) return []
  return [...flavors].map(([name, facts]) => ({ name, facts: factsOf(facts, '') }))
}

function factsOf(value: Yaml, name: string): Fact[] {
  if (isMapping(value)) {
    if (value.size === 0) return name === '' ? [] : [{ name, value: '{}' }]
    return [...value].flatMap(([key, one]) => factsOf(one, name === '' ? key : `${name}.${key}`))
  }
  return value === null ? [] : [{ name, value: inWords(value) }]
}

function inWords(value: Yaml): string {
  if (Array.isArray(value)) return value.map((one: Yaml) => inWords(one)).join(', ')
  if (isMapping(value)) return [...value].map(([key, one]) => `${key}: ${inWords(one)}`).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function signatureOf(signature: Yaml | undefined): MlModel['signature'] {
  if (!isMapping(signature)) return undefined
  const of = (part: Part) => partsOf(signature.get(part))
  return { inputs: of('inputs'), outputs: of('outputs'), params: of('params') }
}

const MOST_PARTS = 5000

function partsOf(value: Yaml | undefined): SignaturePart[] | undefined {
  if (value === null || value === undefined) return []
  if (typeof value !== 'string') return undefined
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) ? list.slice(0, MOST_PARTS).map(partOf) : undefined
  } catch {
    return undefined
  }
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function partOf(value: unknown): SignaturePart {
  const { name, required, optional, default: preset } = fields(value)
  return {
    name: typeof name === 'string' ? name : '',
    type: typeInWords(value),
    isRequired: required !== false && optional !== true && preset === undefined,
    ...(preset === undefined ? {} : { preset: JSON.stringify(preset) }),
  }
}

const DEEPEST = 8

/** A type as one would write it: `double`, `list of long`, `{city: string, wind?: double}`, `float32 (-1, 28, 28)`. */
function typeInWords(value: unknown, depth = 0): string {
  if (depth > DEEPEST) return '…'
  const spec = fields(value)
  const tensor = fields(spec['tensor-spec'])
  if (spec.type === 'tensor') return `${word(tensor.dtype)} ${shapeInWords(tensor.shape)}`.trim()
  if (spec.type === 'array') return `list of ${typeInWords(spec.items, depth + 1)}`
  if (spec.type === 'map') return `map of ${typeInWords(spec.values, depth + 1)}`
  if (spec.type === 'object') {
    const parts = Object.entries(fields(spec.properties)).map(
      ([name, one]) => `${name}${fields(one).required === false ? '?' : ''}: ${typeInWords(one, depth + 1)}`,
    )
    return `{${parts.join(', ')}}`
  }
  return `${word(spec.type)} ${shapeInWords(spec.shape)}`.trim()
}

const word = (value: unknown) => (typeof value === 'string' ? value : '?')
const shapeInWords = (shape: unknown) =>
  Array.isArray(shape) ? `(${shape.map((size) => (typeof size === 'number' ? size : '?')).join(', ')})` : ''

/** As MLflow's clients name the model, where the file tells. */
export const uriOf = ({ modelId, runId, runPath }: MlModel): string | undefined =>
  modelId !== undefined
    ? `models:/${modelId}`
    : runId !== undefined && runPath !== undefined
      ? `runs:/${runId}/${runPath}`
      : undefined

/** Lines of Python that load the model. What comes from the file stands in them only as quoted text. */
export function loadingLines(uri: string, trackingUri: string | undefined, model: MlModel): string {
  const native = model.flavors.find(({ name }) => NATIVE.has(name))?.name
  return [
    native === undefined ? 'import mlflow' : `import mlflow, mlflow.${native}`,
    '',
    ...(trackingUri === undefined ? [] : [`mlflow.set_tracking_uri(${quoted(trackingUri)})`]),
    `model = mlflow.pyfunc.load_model(${quoted(uri)})`,
    'predictions = model.predict(data)',
    ...(native === undefined ? [] : ['', `native = mlflow.${native}.load_model(${quoted(uri)})`]),
  ].join('\n')
}

/** A JSON text is a Python text, too. */
const quoted = (text: string) => JSON.stringify(text)

const NATIVE: ReadonlySet<string> = new Set(
  `sklearn xgboost lightgbm catboost pytorch tensorflow keras onnx spark statsmodels prophet pmdarima h2o spacy
   transformers sentence_transformers langchain llama_index openai diffusers paddle`.split(/\s+/),
)

/** Lines of Python that make the model a version of a registered one. */
export const registeringLines = (uri: string, name: string): string =>
  `mlflow.register_model(${quoted(uri)}, ${quoted(name)})`

/** A word of a shell's command: quoted unless it needs none. */
export const shellWord = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
