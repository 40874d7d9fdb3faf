import type { Assertion, Deployment, GenerationRecord, Stage } from '@stead/contracts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { figure } from '../../ui/numbers.ts'

const words = tabs.checks

/** What must hold, as a sentence. */
export function mustInWords(assertion: Assertion): string {
  switch (assertion.kind) {
    case 'valid':
      return words.must.valid
    case 'range':
      return rangeInWords(assertion)
    case 'close':
      return say(words.must.close, {
        names: namesOf(assertion.outputs),
        tolerance: String(assertion.tolerance),
        count: assertion.outputs.length,
      })
    case 'exact':
      return say(words.must.exact, { names: namesOf(assertion.outputs), count: assertion.outputs.length })
  }
}

const namesOf = (outputs: readonly { name: string }[]) => outputs.map(({ name }) => name).join(', ')

function rangeInWords({ output, min, max }: Extract<Assertion, { kind: 'range' }>): string {
  const name = output ?? words.must.anyOutput
  if (min !== undefined && max !== undefined)
    return say(words.must.range, { output: name, min: figure(min), max: figure(max) })
  return min === undefined
    ? say(words.must.atMost, { output: name, max: figure(max ?? 0) })
    : say(words.must.atLeast, { output: name, min: figure(min) })
}

export interface LastResult {
  readonly is: 'passed' | 'failed' | 'aside' | 'waiting'
  readonly says: string
}

interface Told {
  readonly at: number
  readonly stages: readonly Stage[]
  readonly generation: number
}

/** How each golden request went the last time it was asked, by its name. */
export function lastResults(
  history: readonly GenerationRecord[],
  { lastFailure, table }: Pick<Deployment, 'lastFailure' | 'table'>,
): (name: string) => LastResult {
  const refused: Told[] = lastFailure
    ? [{ at: Date.parse(lastFailure.at), stages: lastFailure.stages, generation: table.generation }]
    : []
  const told = [
    ...refused,
    ...history.map(({ committedAt, stages, generation }) => ({ at: Date.parse(committedAt), stages, generation })),
  ].toSorted((a, b) => b.at - a.at)
  return (name) => {
    for (const { stages, generation } of told) {
      const own = stages.filter((stage) => stage.name === `golden ${name}`)
      const stage = own.find(({ ok }) => !ok) ?? own[0]
      if (stage) return resultOf(stage, generation)
    }
    return { is: 'waiting', says: words.notRun }
  }
}

function resultOf({ ok, reason, version }: Stage, generation: number): LastResult {
  const about = { version: String(version ?? '–'), generation: String(generation) }
  if (!ok) return { is: 'failed', says: say(words.failed, { version: about.version, why: reason ?? '' }) }
  if (reason !== undefined)
    return { is: 'aside', says: say(words.aside, { generation: about.generation, why: reason }) }
  return { is: 'passed', says: say(words.passed, about) }
}
