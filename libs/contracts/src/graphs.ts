import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { OneVersion } from './registry.ts'

/** A tensor of the graph: an input, an output or a weight. */
export const GraphTensor = z.object({
  name: z.string(),
  datatype: z.string(),
  /** A number, the name of a variable dimension, or null where the graph says nothing. */
  shape: z.array(z.union([z.number(), z.string(), z.null()])),
})
export type GraphTensor = z.infer<typeof GraphTensor>

export const GraphNode = z.object({
  name: z.string(),
  operator: z.string(),
  domain: z.string(),
  /** Names of tensors; an empty name is an optional input that is not given. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  /** Values as text, long ones cut. */
  attributes: z.array(z.object({ name: z.string(), kind: z.string(), value: z.string() })),
})
export type GraphNode = z.infer<typeof GraphNode>

export const ModelGraph = z.object({
  producer: z.string(),
  opsets: z.array(z.object({ domain: z.string(), version: z.number().int() })),
  inputs: z.array(GraphTensor),
  outputs: z.array(GraphTensor),
  /** In the order of the file, which is one of execution. */
  nodes: z.array(GraphNode),
  weights: z.array(GraphTensor.extend({ bytes: z.number().int() })),
  /** How many nodes the file has; more than `nodes` where the graph was too large to tell whole. */
  totalNodes: z.number().int(),
  totalWeights: z.number().int(),
})
export type ModelGraph = z.infer<typeof ModelGraph>

export const versionGraph = endpoint({
  act: 'version.get',
  method: 'GET',
  path: '/api/v1/projects/:project/models/:model/versions/:version/graph',
  says: 'Reads the graph of an ONNX version: its nodes, how they are joined, and the shapes of its weights without their values.',
  params: OneVersion,
  returns: ModelGraph,
  fails: ['project_not_found', 'model_not_found', 'version_not_found', 'graph_not_found', 'model_unreadable'],
})
