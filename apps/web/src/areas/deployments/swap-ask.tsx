import { contractDifferences, signatureDifferences, swapDeployment } from '@stead/contracts'
import type { Deployment, ModelName, RouteTable, Version } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { bytes } from '../../ui/numbers.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import { AskForm, useAsk } from './change-ask.tsx'
import type { AskProps } from './change-ask.tsx'
import { FiguresNow } from './change-figures.tsx'
import { FromTo } from './change-tables.tsx'
import { goldenQuery } from './deployment.queries.ts'
import css from './swap-ask.module.css'
import { Differences } from './swap-differences.tsx'
import { ModelField, useVersions, VersionField, versionNamed } from './swap-version.tsx'

const words = asks.swap

/** Asks which version is to answer, and shows what that would meet. */
export function SwapAsk(props: AskProps & { to?: string | undefined; model?: string | undefined }) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const ask = useAsk(props, 'swap')
  const [model, setModel] = useState((props.model ?? table.model) as ModelName)
  const [chosen, setChosen] = useState(props.to)
  const [typed, setTyped] = useState('')
  const version = useChosen(props, model, chosen)
  const repurposes = version !== undefined && (model !== table.model || breaks(deployment, version))
  const after = version && tableWith(table, version, repurposes)
  const submit = () => {
    if (!version || !after) return
    void ask.ask(repurposes ? 'repurpose' : 'swap', after, (idempotencyKey, onStage) =>
      client.follow(
        swapDeployment,
        {
          params: { project, deployment: name },
          body: {
            version: version.version,
            ...(model === table.model ? {} : { model }),
            expectedGeneration: ask.expectedGeneration,
            repurpose: repurposes,
            config: {},
            reason: ask.reason,
          },
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
      act={repurposes ? words.actRepurpose : words.act}
      because={heldBecause(table, version, repurposes && typed !== name)}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
      last={repurposes && <TypedName name={name} typed={typed} onType={setTyped} />}
    >
      <VersionField
        project={project}
        model={model}
        value={version && Number(version.version)}
        onChange={(next) => setChosen(String(next.version))}
        standing={(number) => standingOf(deployment, model, number)}
      />
      <ModelChoice
        {...props}
        model={model}
        onModel={(next) => {
          setModel(next)
          setChosen(undefined)
        }}
      />
      {version && after && (
        <>
          <ContractWarning deployment={deployment} version={version} model={model} />
          <Differences contract={table.contract} signature={version.signature} version={Number(version.version)} />
          <FromTo before={table} after={{ ...after, generation: ask.next as RouteTable['generation'] }} />
          <FiguresNow project={project} deployment={name} />
          <WhatRuns {...props} version={version} repurposes={repurposes} />
        </>
      )}
    </AskForm>
  )
}

/** The version that was chosen, or that the address names; else the newest that does not answer already. */
function useChosen(
  { project, deployment }: AskProps,
  model: ModelName,
  chosen: string | undefined,
): Version | undefined {
  const asked = chosen !== undefined && /^v?\d+$/.test(chosen) ? Number(chosen.replace(/^v/, '')) : undefined
  const { versions } = useVersions(project, model, asked)
  const { table } = deployment
  const answering = (version: Version) =>
    model === table.model && table.routes.some((route) => route.version === version.version && route.weight > 0)
  if (chosen !== undefined) return versionNamed(versions, chosen)
  return versions.find((version) => !answering(version)) ?? versions[0]
}

const breaks = ({ table }: Deployment, { signature }: Version) =>
  contractDifferences(table.contract, signature).length > 0

function tableWith(table: RouteTable, version: Version, repurposes: boolean): Omit<RouteTable, 'generation'> {
  return {
    model: version.model,
    contract: repurposes ? version.signature : table.contract,
    routes: [{ version: version.version, weight: 100 }],
    shadows: [],
    config: table.config,
    parked: null,
  }
}

function heldBecause(table: RouteTable, version: Version | undefined, isUntyped: boolean): string | undefined {
  if (!version) return words.chooseFirst
  const isAlone = table.routes.length === 1 && table.routes[0]?.version === version.version
  if (isAlone && table.shadows.length === 0 && table.model === version.model && table.parked === null)
    return say(words.already, { version: String(version.version) })
  return isUntyped ? words.typeFirst : undefined
}

/** What a version is in the deployment now, in a word or two. */
export function standingOf({ table, engines }: Deployment, model: ModelName, number: number): string | undefined {
  if (model !== table.model) return undefined
  if (table.routes.some(({ version }) => Number(version) === number)) return asks.servesNow
  if (table.shadows.some(({ version }) => Number(version) === number)) return asks.shadowsNow
  const stands = engines.some(({ version, state }) => Number(version) === number && state === 'standby')
  return stands ? asks.standsBy : undefined
}

function ModelChoice({
  project,
  deployment,
  model,
  onModel,
}: AskProps & { model: ModelName; onModel: (model: ModelName) => void }) {
  const own = deployment.table.model
  const [isOpen, setOpen] = useState(model !== own)
  if (!isOpen)
    return (
      <Button look="quiet" size="small" className={css.other ?? ''} onClick={() => setOpen(true)}>
        {asks.otherModel}
      </Button>
    )
  return (
    <div className="stack">
      <ModelField project={project} value={model} onChange={onModel} />
      <Button
        look="quiet"
        size="small"
        className={css.other ?? ''}
        onClick={() => {
          setOpen(false)
          onModel(own)
        }}
      >
        {say(asks.sameModel, { model: own })}
      </Button>
    </div>
  )
}

function ContractWarning({
  deployment,
  version,
  model,
}: {
  deployment: Deployment
  version: Version
  model: ModelName
}) {
  const slot = { version: String(version.version) }
  const isOther = model !== deployment.table.model
  if (!isOther && !breaks(deployment, version)) {
    const differs = signatureDifferences(deployment.table.contract, version.signature).length > 0
    return <p className="dim">{say(differs ? words.differs : words.same, slot)}</p>
  }
  return (
    <div className={css.warning}>
      <StateMark is="attention" />
      <div className="wrap">
        {breaks(deployment, version) && (
          <>
            <b>{say(words.breaks, slot)}</b>
            <p>{words.breaksSays}</p>
          </>
        )}
        {isOther && <p>{say(words.otherModelSays, { model })}</p>}
      </div>
    </div>
  )
}

/** Which checks will run, in sentences. */
function WhatRuns({ project, deployment, version, repurposes }: AskProps & { version: Version; repurposes: boolean }) {
  const { data } = useQuery(goldenQuery(project, deployment.name))
  const number = String(version.version)
  const isWarm = isLoaded(deployment, version)
  const count = data?.golden.length ?? 0
  return (
    <div className={css.plan}>
      <h3>{words.willRun}</h3>
      <p>
        {isWarm
          ? say(words.warm, { version: number })
          : say(words.cold, { version: number, size: bytes(version.size) })}{' '}
        {count === 0 ? words.noGolden : say(repurposes ? words.goldenAside : words.golden, { count })}
      </p>
    </div>
  )
}

/** Whether every runner that can be reached has this version warm. */
export function isLoaded(
  { engines, urls }: Deployment,
  { model, version }: Pick<Version, 'model' | 'version'>,
): boolean {
  const warm = engines.filter(
    (engine) =>
      engine.model === model && engine.version === version && ['serving', 'standby', 'ready'].includes(engine.state),
  )
  return urls.length > 0 && urls.every(({ runner }) => warm.some((engine) => engine.runner === runner))
}

function TypedName({ name, typed, onType }: { name: string; typed: string; onType: (text: string) => void }) {
  return (
    <div className={css.typed}>
      <TextField
        label={say(words.type, { deployment: name })}
        value={typed}
        onChange={onType}
        autoComplete="off"
        spellCheck={false}
      />
    </div>
  )
}
