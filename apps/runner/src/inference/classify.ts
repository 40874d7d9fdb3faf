import { numbersOf, packStrings } from './elements.ts'
import { InferenceFailure } from './failure.ts'
import { type InferAnswer, invalid, shown } from './request.ts'
import type { Tensor } from './tensor.ts'

/** A tensor of an answer, and whether its caller wants it raw. */
export interface ChosenOutput {
  readonly tensor: Tensor
  readonly binary: boolean
}

/** The outputs the caller asked for, in the caller's order, classified where classes were asked for. */
export function chooseOutputs(answer: InferAnswer): ChosenOutput[] {
  const { outputs, requested, binary } = answer
  if (requested === undefined) return outputs.map((tensor, index) => ({ tensor: present(tensor, index), binary }))
  return requested.map((wanted) => {
    const tensor = present(outputs[wanted.index], wanted.index)
    const { classification } = wanted
    return { tensor: classification > 0 ? classify(tensor, classification) : tensor, binary: wanted.binary }
  })
}

function present(tensor: Tensor | undefined, index: number): Tensor {
  if (tensor === undefined) throw new InferenceFailure('internal', `the engine gave no output ${index}`)
  return tensor
}

/** The classification extension: per row the `most` highest values as "value:index", highest first and the lower
 *  index first among equals. The first of several axes is the batch; a vector is one row. */
export function classify(tensor: Tensor, most: number): Tensor {
  if (tensor.datatype === 'BYTES' || tensor.datatype === 'BOOL') {
    throw invalid(`output ${shown(tensor.name)} is ${tensor.datatype}: only numbers can be classified`)
  }
  const rows = tensor.shape.length > 1 ? tensor.shape[0]! : 1
  const values = Array.from(numbersOf(tensor))
  const width = rows === 0 ? 0 : values.length / rows
  const kept = Math.min(most, width)
  const whole = tensor.datatype.startsWith('INT') || tensor.datatype.startsWith('UINT')
  const labels: string[] = []
  for (let row = 0; row < rows; row++) {
    for (const { value, index } of highest(values.slice(row * width, (row + 1) * width), kept)) {
      // Fixed notation with six decimals is what Triton's clients parse.
      labels.push(`${whole ? value : Number(value).toFixed(6)}:${index}`)
    }
  }
  const shape = tensor.shape.length > 1 ? [rows, kept] : [kept]
  return { name: tensor.name, datatype: 'BYTES', shape, data: packStrings(labels) }
}

interface Ranked {
  readonly value: number | bigint
  readonly index: number
}

function highest(values: readonly (number | bigint)[], most: number): Ranked[] {
  return values
    .map((value, index) => ({ value, index }))
    .sort(downwards)
    .slice(0, most)
}

/** NaN has no rank: it comes last. */
function downwards(a: Ranked, b: Ranked): number {
  if (a.value > b.value) return -1
  if (a.value < b.value) return 1
  return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || a.index - b.index
}
