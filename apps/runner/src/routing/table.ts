import type { Signature, TensorSpec } from '@stead/contracts'
import { InferenceFailure } from '../inference/failure.ts'
import type { Tensor } from '../inference/tensor.ts'
import { assign, draw } from './assignment.ts'
import type { Lane } from './lane.ts'
import type { ServedDeployment } from './served.ts'

/** A version within a table, with how the contract's tensors lie in its own signature. */
export interface Target {
  readonly version: number
  readonly weight: number
  readonly lane: Lane
  /** For each input of the version its place in the contract; undefined when the orders are the same. */
  readonly inputOrder: readonly number[] | undefined
  /** For each output of the contract its place in the version; undefined when all are the same. */
  readonly outputOrder: readonly number[] | undefined
}

export interface Choice {
  readonly target: Target
  readonly signature: Signature
}

/** A deployment's table, compiled for choosing. Immutable: a request that holds it keeps its generation. */
export interface CompiledTable {
  readonly served: ServedDeployment
  readonly generation: string
  /** The target for a request, and the signature it is to be read by. */
  choose(version: string | undefined, key: string | undefined): Choice
  readonly shadows: readonly { readonly target: Target; readonly fraction: number }[]
  /** The target that metadata and readiness describe when no version is asked for: the heaviest. */
  readonly main: Target
  find(version: string): Target | undefined
  readonly versions: readonly string[]
}

export function compileTable(
  served: ServedDeployment,
  lanes: ReadonlyMap<string, Lane>,
  dice: () => number,
): CompiledTable {
  const { table } = served
  const targetOf = (version: number, weight: number): Target | undefined => {
    const found = served.versions.find((one) => one.version === version && one.callable)
    const lane = found && lanes.get(found.key)
    return lane && { version, weight, lane, ...orders(table.contract, lane.signature) }
  }
  const routes = table.routes.flatMap(({ version, weight }) => targetOf(version, weight) ?? [])
  const only: Choice | undefined = routes.length === 1 ? { target: routes[0]!, signature: table.contract } : undefined
  const main = routes.reduce<Target | undefined>(
    (most, route) => (most && most.weight >= route.weight ? most : route),
    undefined,
  )
  if (!main) throw new Error(`the table of ${served.name} names no known version`)
  const byNumber = new Map(
    served.versions
      .filter((one) => one.callable)
      .flatMap((one) => {
        const target = targetOf(one.version, 0)
        return target ? [[String(one.version), target] as const] : []
      }),
  )
  // Asked for by its number, a version is spoken to in its own order.
  const choices = new Map<string, Choice>(
    [...byNumber].map(([number, target]) => [
      number,
      { target: { ...target, inputOrder: undefined, outputOrder: undefined }, signature: target.lane.signature },
    ]),
  )

  return {
    served,
    generation: String(table.generation),
    main,
    versions: [...byNumber.keys()],
    shadows: table.shadows.flatMap(({ version, fraction }) => {
      const target = targetOf(version, 0)
      return target ? [{ target, fraction }] : []
    }),
    find: (version) => byNumber.get(version),
    choose(version, key) {
      if (table.parked === 'load')
        throw new InferenceFailure('parked', `deployment "${served.name}" is parked; load it first`)
      if (version !== undefined) {
        const choice = choices.get(version)
        if (!choice)
          throw new InferenceFailure(
            'not_found',
            `deployment "${served.name}" does not serve version ${JSON.stringify(version.slice(0, 20))}`,
          )
        return choice
      }
      if (only) return only
      const target = key === undefined ? draw(routes, dice) : assign(routes, served.name, key)
      return { target, signature: table.contract }
    },
  }
}

export function orders(contract: Signature, own: Signature): Pick<Target, 'inputOrder' | 'outputOrder'> {
  const place = (specs: readonly TensorSpec[], name: string) => specs.findIndex((spec) => spec.name === name)
  const inputs = own.inputs.map((spec) => place(contract.inputs, spec.name))
  const outputs = contract.outputs.map((spec) => place(own.outputs, spec.name))
  const same = (order: readonly number[], length: number) =>
    order.length === length && order.every((at, index) => at === index)
  return {
    inputOrder: same(inputs, contract.inputs.length) ? undefined : inputs,
    outputOrder: same(outputs, own.outputs.length) ? undefined : outputs,
  }
}

/** The contract's inputs in the order the version takes them. */
export function ordered(inputs: readonly Tensor[], order: readonly number[] | undefined): readonly Tensor[] {
  return order ? order.map((at) => inputs[at]!) : inputs
}
