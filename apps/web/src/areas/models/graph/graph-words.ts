import type { GraphTensor, ModelGraph } from '@stead/contracts'
import { say } from '../../../strings/message.ts'
import { models as words } from '../../../strings/models.ts'
import type { Box } from './fold.ts'

/** `opset 18 and ai.onnx.ml 3, 12 nodes`. */
export function opsetsInWords({ opsets, totalNodes }: ModelGraph): string {
  const all = opsets.map(({ domain, version }) =>
    domain === '' || domain === 'ai.onnx' ? say(words.opset, { version }) : say(words.opsetOf, { domain, version }),
  )
  return say(words.opsets, { opsets: all.join(', '), nodes: say(words.nodes, { count: totalNodes }) })
}

/** `FP32 [batch, 8]`. */
export const tensorInWords = ({ datatype, shape }: GraphTensor): string =>
  `${datatype} [${shape.map((size) => size ?? '?').join(', ')}]`

/** A node's own name; its number where it has none that tells it apart. */
export function nodeName(box: Box): string {
  const name = box.node?.name ?? ''
  return name === '' || name === box.title ? say(words.nthNode, { number: String(stepOf(box)) }) : name
}

/** Its place in the file, from 1. */
export const stepOf = ({ id }: Box): number => Number(id.slice(1)) + 1

/** What a box is called where it is spoken of. */
export function nameOf(box: Box): string {
  if (box.kind === 'input') return `${words.graphInput} ${box.title}`
  if (box.kind === 'output') return `${words.graphOutput} ${box.title}`
  return say(words.nodeOf, { operator: box.title, name: nodeName(box) })
}

export function matches(box: Box, text: string): boolean {
  const wanted = text.toLowerCase()
  const { node, title } = box
  return [title, node?.name, ...(node?.outputs ?? []), ...(node?.inputs ?? [])].some((name) =>
    name?.toLowerCase().includes(wanted),
  )
}
