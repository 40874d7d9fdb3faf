import { rollbackDeployment } from '@stead/contracts'
import type { Deployment, GenerationRecord } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { asks } from '../../strings/change-asks.ts'
import { deployments as nouns } from '../../strings/deployments.ts'
import { say } from '../../strings/message.ts'
import { ChoiceField } from '../../ui/choice.tsx'
import { ago, useNow } from '../../ui/time.tsx'
import { AskForm, useAsk } from './change-ask.tsx'
import type { AskProps } from './change-ask.tsx'
import { FiguresNow } from './change-figures.tsx'
import { versionsOf } from './change-stages.ts'
import { FromTo } from './change-tables.tsx'
import { historyQuery } from './deployment.queries.ts'
import { routesInWords } from './generation-diff.ts'
import { DiffTable } from './generation-diff-table.tsx'
import { kindInWords } from './states.ts'
import { isLoaded } from './swap-ask.tsx'

const words = asks.rollback

/** Asks which earlier generation's table is to come back. */
export function RollbackAsk(props: AskProps & { to?: string | undefined }) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const ask = useAsk(props, 'rollback')
  const reading = useQuery(historyQuery(project, name))
  const [chosen, setChosen] = useState(props.to === undefined ? undefined : Number(props.to))
  const history = reading.data?.generations ?? []
  const wanted = chosen ?? targetOf(history)
  const target = history.find(({ generation }) => generation === wanted)
  const submit = () => {
    if (!target) return
    const { model, contract, routes, shadows, config } = target
    void ask.ask('rollback', { model, contract, routes, shadows, config, parked: null }, (idempotencyKey, onStage) =>
      client.follow(
        rollbackDeployment,
        {
          params: { project, deployment: name },
          body: { generation: target.generation, expectedGeneration: ask.expectedGeneration, reason: ask.reason },
          idempotencyKey,
        },
        onStage,
      ),
    )
  }
  return (
    <AskForm
      title={say(words.title, { deployment: name })}
      says={words.says}
      act={target ? say(words.act, { generation: String(target.generation) }) : words.actPlain}
      because={heldBecause(history, table.generation, wanted, target)}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
    >
      <Reading of={reading} what={nouns.tabs.generations}>
        {() =>
          history.length < 2 ? (
            <p>{words.first}</p>
          ) : (
            <GenerationField history={history} now={table.generation} value={wanted} onChange={setChosen} />
          )
        }
      </Reading>
      {target && (
        <>
          <p>{whatLoads(deployment, target)}</p>
          <FromTo before={table} after={{ ...target, parked: null, generation: ask.next as typeof table.generation }} />
          <DiffTable
            before={table}
            after={{ ...target, parked: null }}
            beforeLabel={`g${table.generation}`}
            afterLabel={`g${target.generation}`}
          />
          <FiguresNow project={project} deployment={name} />
        </>
      )}
    </AskForm>
  )
}

/** Where a rollback goes by itself: like an undo, a second one goes further back. A rollback stands where the
 *  generation that it restored stood, parking and waking where the one before them stood. */
export function targetOf(history: readonly GenerationRecord[]): number | undefined {
  const at = (generation: number) => history.find((record) => record.generation === generation)
  let base = history[0]
  while (base && (base.restores !== null || base.kind === 'park' || base.kind === 'wake'))
    base = at(base.restores ?? base.generation - 1)
  return base && at(base.generation - 1)?.generation
}

function heldBecause(
  history: readonly GenerationRecord[],
  now: number,
  wanted: number | undefined,
  target: GenerationRecord | undefined,
): string | undefined {
  if (wanted === now) return say(words.same, { generation: String(now) })
  if (target) return undefined
  if (wanted !== undefined && history.length > 0) return say(words.gone, { generation: String(wanted) })
  return history.length === 1 ? words.first : words.choose
}

function GenerationField({
  history,
  now,
  value,
  onChange,
}: {
  history: readonly GenerationRecord[]
  now: number
  value: number | undefined
  onChange: (generation: number) => void
}) {
  const time = useNow()
  const choices = history
    .filter(({ generation }) => generation !== now)
    .map((record) => ({
      value: String(record.generation),
      label: <b className="num">g{record.generation}</b>,
      text: `g${record.generation} ${routesInWords(record)} ${record.reason}`,
      note: say(words.note, {
        kind: kindInWords(record.kind),
        routes: routesInWords(record),
        when: ago(record.committedAt, time),
      }),
    }))
  return (
    <ChoiceField
      label={words.to}
      value={choices.find((choice) => choice.value === String(value))}
      choices={choices}
      prompt={words.search}
      nothing={words.none}
      onChange={(generation) => onChange(Number(generation))}
    />
  )
}

function whatLoads(deployment: Deployment, target: GenerationRecord): string {
  const versions = versionsOf(target)
  const cold = versions.filter(
    (version) =>
      !isLoaded(deployment, { model: target.model, version: version as GenerationRecord['routes'][number]['version'] }),
  )
  const names = (cold.length === 0 ? versions : cold).map((version) => `v${version}`).join(', ')
  return say(cold.length === 0 ? words.warm : words.cold, { versions: names })
}
