import type { Signature } from '@stead/contracts'
import type { Paint } from './text.ts'
import { table } from './text.ts'

/** What a version takes and gives, one tensor a line. A free dimension is shown by its name, or as a star. */
export function signatureLines({ inputs, outputs }: Signature, paint?: Paint): string[] {
  const row =
    (kind: string) =>
    ({ name, datatype, shape, dimensionNames }: Signature['inputs'][number]) => {
      const sizes = shape.map((size, at) => (size === -1 ? (dimensionNames?.[at] ?? '*') : String(size)))
      return [kind, name, datatype, `[${sizes.join(', ')}]`]
    }
  return table(
    ['', 'NAME', 'DATATYPE', 'SHAPE'],
    [...inputs.map(row('takes')), ...outputs.map(row('gives'))],
    paint,
  ).map((line) => `  ${line}`)
}
