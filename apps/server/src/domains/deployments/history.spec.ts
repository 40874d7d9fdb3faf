import type { GenerationRecord } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DeploymentRecord } from './deployments.store.ts'
import { generationNamed, rollbackTarget } from './history.ts'

/** Generations as the history of one deployment; `routes` tells one table from another. */
function historyOf(kept: GenerationRecord[]) {
  const store = { generation: async (_: string, generation: number) => kept[generation - 1] }
  const record = () => ({ id: 'one', name: 'sums', current: kept.at(-1) }) as DeploymentRecord
  const commit = (change: Partial<GenerationRecord>) =>
    void kept.push({ restores: null, ...change, generation: kept.length + 1 } as GenerationRecord)
  return { store, record, commit }
}
const tableOf = (version: number) => [{ version, weight: 100 }] as unknown as GenerationRecord['routes']

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ does: 'swap' } as const) },
  { weight: 3, arbitrary: fc.constant({ does: 'rollback' } as const) },
  fc.constant({ does: 'park' } as const),
  fc.constant({ does: 'wake' } as const),
  fc.record({ does: fc.constant('return' as const), to: fc.nat() }),
)

test('rollbacks are an undo: whatever came before, each goes one further back than the last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const kept: GenerationRecord[] = []
      const { store, record, commit } = historyOf(kept)
      // The model: what could be undone at each generation, oldest first.
      const stacks: number[][] = [[1]]
      commit({ kind: 'deploy', routes: tableOf(1) })

      for (const taken of steps) {
        const stack = stacks.at(-1)!
        const { routes } = kept.at(-1)!
        const target = await rollbackTarget(store, record())
        expect(target?.routes).toEqual(stack.length < 2 ? undefined : tableOf(stack.at(-2)!))
        if (taken.does === 'swap') {
          const version = kept.length + 1
          commit({ kind: 'swap', routes: tableOf(version) })
          stacks.push([...stack, version])
        } else if (taken.does === 'park' || taken.does === 'wake') {
          commit({ kind: taken.does, routes })
          stacks.push(stack)
        } else if (taken.does === 'return') {
          const generation = (taken.to % kept.length) + 1
          const named = await generationNamed(store, record(), generation as GenerationRecord['generation'])
          commit({ kind: 'rollback', restores: named.generation, routes: named.routes })
          stacks.push(stacks[generation - 1]!)
        } else if (target) {
          commit({ kind: 'rollback', restores: target.generation, routes: target.routes })
          stacks.push(stack.slice(0, -1))
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('a generation that never was is refused by name', async () => {
  const { store, record, commit } = historyOf([])
  commit({ kind: 'deploy', routes: tableOf(1) })
  for (const missing of [0, 2]) {
    await expect(generationNamed(store, record(), missing as GenerationRecord['generation'])).rejects.toMatchObject({
      code: 'generation_not_found',
    })
  }
})
