import { contractDifferences, setTraffic } from '@stead/contracts'
import type { Deployment, RouteTable, Version, VersionNumber } from '@stead/contracts'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { AskForm, useAsk } from './change-ask.tsx'
import type { AskProps } from './change-ask.tsx'
import { FiguresNow } from './change-figures.tsx'
import { useKept } from './change-kept.ts'
import { FromTo } from './change-tables.tsx'
import { isLoaded, standingOf } from './swap-ask.tsx'
import { VersionField } from './swap-version.tsx'
import css from './traffic-ask.module.css'
import { ShareRow } from './traffic-row.tsx'
import { sharesFrom, withShare, withVersion, without } from './traffic-shares.ts'
import type { Share } from './traffic-shares.ts'

const words = asks.traffic
const MOST_SHADOWS = 8

interface Split {
  readonly shares: readonly Share[]
  readonly shadows: readonly Share[]
}

/** Asks how traffic is to be split. `to` begins with all of it at that version, `-9` without version 9. */
export function TrafficAsk(props: AskProps & { to?: string | undefined }) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const ask = useAsk(props, 'traffic')
  const [split, setSplit, forget] = useKept<Split>(
    `traffic ${project}/${name} g${table.generation} ${props.to ?? ''}`,
    beginning(table, props.to),
  )
  const after = tableWith(table, split)
  const submit = () => {
    const { routes, shadows } = after
    forget()
    void ask.ask('traffic', after, (idempotencyKey, onStage) =>
      client.follow(
        setTraffic,
        {
          params: { project, deployment: name },
          body: { routes, shadows, expectedGeneration: ask.expectedGeneration, reason: ask.reason },
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
      act={words.act}
      because={isSame(table, split) ? words.same : undefined}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
    >
      <FromTo before={table} after={{ ...after, generation: ask.next as RouteTable['generation'] }} />
      <Shares {...props} split={split} onSplit={setSplit} />
      <Shadows {...props} split={split} onSplit={setSplit} />
      <p className="dim">{willLoad(deployment, split)}</p>
      <FiguresNow project={project} deployment={name} />
    </AskForm>
  )
}

type PartProps = AskProps & { split: Split; onSplit: (next: Split) => void }

function Shares({ project, deployment, split, onSplit }: PartProps) {
  const { shares, shadows } = split
  const change = (next: readonly Share[]) => onSplit({ ...split, shares: next })
  return (
    <fieldset className={css.part}>
      <legend>{words.shares}</legend>
      {shares.map(({ version, share }) => (
        <ShareRow
          key={version}
          version={version}
          value={share}
          label={say(words.shareOf, { version: String(version) })}
          onChange={(next) => change(withShare(shares, version, next))}
          onRemove={() => change(without(shares, version))}
          because={shares.length === 1 ? words.last : undefined}
        />
      ))}
      <AddVersion
        project={project}
        deployment={deployment}
        label={words.add}
        taken={(number) => (shares.some(({ version }) => version === number) ? words.inRoutes : undefined)}
        onAdd={(version) =>
          onSplit({
            shares: withVersion(shares, version),
            // A version that answers needs no copies.
            shadows: shadows.filter((shadow) => shadow.version !== version),
          })
        }
      />
      <p className="faint">{words.sticky}</p>
    </fieldset>
  )
}

function Shadows({ project, deployment, split, onSplit }: PartProps) {
  const { shares, shadows } = split
  const change = (next: readonly Share[]) => onSplit({ ...split, shadows: next })
  return (
    <fieldset className={css.part}>
      <legend>{words.shadows}</legend>
      <p className="faint">{words.shadowsSays}</p>
      {shadows.map(({ version, share }) => (
        <ShareRow
          key={version}
          version={version}
          hollow
          value={share}
          label={say(words.fractionOf, { version: String(version) })}
          onChange={(next) => change(shadows.map((one) => (one.version === version ? { version, share: next } : one)))}
          onRemove={() => change(shadows.filter((one) => one.version !== version))}
        />
      ))}
      {shadows.length < MOST_SHADOWS && (
        <AddVersion
          project={project}
          deployment={deployment}
          label={words.addShadow}
          taken={(number) =>
            shadows.some(({ version }) => version === number)
              ? words.inShadows
              : shares.some(({ version }) => version === number)
                ? words.inRoutes
                : undefined
          }
          onAdd={(version) => change([...shadows, { version, share: 100 }])}
        />
      )}
    </fieldset>
  )
}

function AddVersion({
  project,
  deployment,
  label,
  taken,
  onAdd,
}: Pick<AskProps, 'project' | 'deployment'> & {
  label: string
  taken: (version: number) => string | undefined
  onAdd: (version: number) => void
}) {
  // Chosen versions leave the field again, which a new one takes the place of.
  const [turn, setTurn] = useState(0)
  const { table } = deployment
  const whyNot = ({ version, signature }: Version) => {
    const already = taken(Number(version))
    if (already !== undefined) return already
    const broken = contractDifferences(table.contract, signature)[0]
    return broken === undefined ? undefined : say(words.broken, { why: broken })
  }
  return (
    <VersionField
      key={turn}
      project={project}
      model={table.model}
      label={label}
      value={undefined}
      standing={(number) => standingOf(deployment, table.model, number)}
      whyNot={whyNot}
      onChange={({ version }) => {
        onAdd(Number(version))
        setTurn(turn + 1)
      }}
    />
  )
}

function beginning({ routes, shadows }: RouteTable, to: string | undefined): Split {
  const now: Split = {
    shares: sharesFrom(routes),
    shadows: shadows.map(({ version, fraction }) => ({ version, share: fraction * 100 })),
  }
  const number = Number(to)
  if (to === undefined || !Number.isInteger(number) || number === 0) return now
  if (number < 0)
    return {
      shares: now.shares.some(({ version }) => version === -number) ? without(now.shares, -number) : now.shares,
      shadows: now.shadows.filter(({ version }) => version !== -number),
    }
  return { shares: [{ version: number, share: 100 }], shadows: now.shadows.filter(({ version }) => version !== number) }
}

function tableWith(table: RouteTable, { shares, shadows }: Split): Omit<RouteTable, 'generation'> {
  return {
    ...table,
    routes: shares.map(({ version, share }) => ({ version: version as VersionNumber, weight: share })),
    shadows: shadows.map(({ version, share }) => ({ version: version as VersionNumber, fraction: share / 100 })),
    parked: null,
  }
}

function isSame(table: RouteTable, split: Split): boolean {
  const text = ({ shares, shadows }: Split) =>
    JSON.stringify([shares, shadows].map((all) => all.toSorted((a, b) => a.version - b.version)))
  return table.parked === null && text(beginning(table, undefined)) === text(split)
}

function willLoad(deployment: Deployment, { shares, shadows }: Split): string {
  const { model } = deployment.table
  const cold = [...shares, ...shadows].filter(
    ({ version }) => !isLoaded(deployment, { model, version: version as VersionNumber }),
  )
  if (cold.length === 0) return words.none
  return say(words.loads, { names: cold.map(({ version }) => `v${version}`).join(', '), count: cold.length })
}
