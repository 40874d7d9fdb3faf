import type { Version } from '@stead/contracts'

/** Why a version cannot be deployed yet; undefined where nothing is known to be missing. */
export type Missing = 'files' | 'runtime' | 'signature' | undefined

/** The runtimes that runners have. */
const RUNTIMES: ReadonlySet<string> = new Set(['onnx', 'javascript'])

export function missingIn({ files, runtime, signature }: Pick<Version, 'files' | 'runtime' | 'signature'>): Missing {
  if (files.length === 0) return 'files'
  if (!RUNTIMES.has(runtime)) return 'runtime'
  return signature.inputs.length === 0 || signature.outputs.length === 0 ? 'signature' : undefined
}
