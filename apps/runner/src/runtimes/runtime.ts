import type { Signature } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'

export interface LoadOptions {
  /** Threads one run may use. */
  readonly threads: number
  /** What the registry says the model takes and gives. A model that describes itself need not agree: that is
   *  compared by whoever asked for the load. */
  readonly signature: Signature | undefined
}

/** Loads models of one format. A failed load leaves nothing behind that would disturb another. */
export interface ModelRuntime {
  readonly format: 'onnx' | 'javascript'
  /** `files` are names relative to `dir`; the runtime picks those it needs. */
  load(dir: string, files: readonly string[], options: LoadOptions, signal: AbortSignal): Promise<LoadedModel>
}

/** `run` is never called again before the run before it ended, nor once `unload` was called. */
export interface LoadedModel {
  /** What the model says of itself, if it does. */
  readonly signature: Signature | undefined
  /** Answers the outputs named, in that order. The inputs' data may be views of a frame: valid after the run too,
   *  but not aligned to their elements. The answer's data must not change afterwards. Fails with an InferenceFailure
   *  where the request is at fault, else with any error. */
  run(inputs: readonly Tensor[], outputs: readonly string[]): readonly Tensor[] | Promise<readonly Tensor[]>
  /** Must not throw. */
  unload(): void | Promise<void>
}
