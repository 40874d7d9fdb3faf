import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Signature, TensorSpec } from '@stead/contracts'
import type { Tensor } from '../../inference/tensor.ts'
import type { LoadedModel, ModelRuntime } from '../runtime.ts'
import { denyNetwork } from './denials.ts'
import { fromPlain, type PlainTensors, toPlain } from './plain.ts'

/* A JavaScript model is an ES module that exports `load(dir)`, which returns (or promises) either a function
 *
 *     predict(tensors) → tensors        both by name, see PlainTensor; or a promise of the latter
 *
 * or an object { predict, unload?, signature? }. The module may export `signature` itself, in the registry's form. */

type Predict = (tensors: PlainTensors) => unknown
interface Loaded {
  readonly predict: Predict
  readonly unload?: () => unknown
  readonly signature?: Signature
}

export const javascriptRuntime: ModelRuntime = {
  format: 'javascript',
  async load(dir, files, options, signal) {
    const entry = entryOf(dir, files)
    denyNetwork()
    signal.throwIfAborted()
    const module = (await import(pathToFileURL(join(dir, entry)).href)) as Record<string, unknown>
    if (typeof module.load !== 'function') throw new TypeError(`${entry} exports no function load`)
    const loaded = asLoaded(entry, await module.load(dir))
    const signature = checkedSignature(loaded.signature ?? (module.signature as Signature | undefined))
    return loadedModel(loaded, signature, signature ?? options.signature)
  },
}

/** package.json's `main`, or index.mjs, or index.js. */
function entryOf(dir: string, files: readonly string[]): string {
  const has = (name: string) => (files.length > 0 ? files.includes(name) : existsSync(join(dir, name)))
  const main = has('package.json') ? mainOf(join(dir, 'package.json')) : undefined
  const entry = main ?? ['index.mjs', 'index.js'].find(has)
  if (entry === undefined) throw new Error('The version holds neither index.mjs nor index.js, and declares no main')
  const path = join(dir, entry)
  if (!path.startsWith(join(dir, sep))) throw new Error(`main leads out of the version: ${entry}`)
  return entry
}

function mainOf(path: string): string | undefined {
  const { main } = JSON.parse(readFileSync(path, 'utf8')) as { main?: unknown }
  return typeof main === 'string' ? main : undefined
}

function asLoaded(entry: string, value: unknown): Loaded {
  if (typeof value === 'function') return { predict: value as Predict }
  if (typeof value === 'object' && value !== null && typeof (value as Loaded).predict === 'function')
    return value as Loaded
  throw new TypeError(`load of ${entry} returned neither a function nor an object with a function predict`)
}

function loadedModel(loaded: Loaded, found: Signature | undefined, inEffect: Signature | undefined): LoadedModel {
  const outputSpecs = new Map((inEffect?.outputs ?? []).map((spec) => [spec.name, spec]))
  return {
    signature: found,
    async run(inputs, outputs) {
      const tensors = Object.fromEntries(inputs.map((input) => [input.name, toPlain(input)]))
      const answer = await loaded.predict(tensors)
      return outputs.map((name) => outputOf(answer, name, outputSpecs.get(name)))
    },
    async unload() {
      try {
        await loaded.unload?.()
      } catch (error) {
        process.stderr.write(`unload: ${error instanceof Error ? error.message : String(error)}\n`)
      }
    },
  }
}

function outputOf(answer: unknown, name: string, spec: TensorSpec | undefined): Tensor {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('predict gave no tensors')
  return fromPlain(name, Object.hasOwn(answer, name) ? (answer as PlainTensors)[name] : undefined, spec)
}

/** Only its form: whether it is the declared one is compared where the declared one is known. */
function checkedSignature(signature: unknown): Signature | undefined {
  if (signature === undefined || signature === null) return undefined
  const { inputs, outputs } = signature as Partial<Signature>
  for (const specs of [inputs, outputs]) {
    if (!Array.isArray(specs) || specs.length === 0) throw new TypeError('signature has no inputs or no outputs')
    for (const { name, datatype, shape } of specs)
      if (typeof name !== 'string' || typeof datatype !== 'string' || !Array.isArray(shape))
        throw new TypeError('signature needs name, datatype and shape of every tensor')
  }
  return signature as Signature
}
