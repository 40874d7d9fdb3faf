import { getVersion, listModels, listVersions } from '@stead/contracts'
import type { ModelName, ProjectName, Version } from '@stead/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { asks as words } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { ChoiceField } from '../../ui/choice.tsx'
import type { Choice } from '../../ui/choice.tsx'
import { bytes } from '../../ui/numbers.ts'
import { ago, useNow } from '../../ui/time.tsx'
import { VersionName } from './version.tsx'

const SHOWN = 200

/** The newest versions of a model, with one older one where its number is asked for. */
export function useVersions(project: ProjectName, model: ModelName | undefined, wanted?: number) {
  const key = readings.model(project, model ?? '')
  const list = useQuery({
    queryKey: [...key, 'newest', SHOWN],
    queryFn: ({ signal }) =>
      client.call(listVersions, { params: { project, model: model! }, query: { limit: SHOWN }, signal }),
    enabled: model !== undefined,
  })
  const isListed = list.data?.versions.some(({ version }) => Number(version) === wanted) ?? true
  const older = useQuery({
    queryKey: [...key, 'version', wanted ?? 0],
    queryFn: ({ signal }) =>
      client.call(getVersion, { params: { project, model: model!, version: wanted as never }, signal }),
    enabled: model !== undefined && wanted !== undefined && !isListed,
  })
  const versions = [...(list.data?.versions ?? []), ...(isListed || !older.data ? [] : [older.data])]
  return { list, versions, hasMore: typeof list.data?.next === 'string' }
}

/** The version that a person means by `8`, `v8` or an alias. */
export const versionNamed = (versions: readonly Version[], name: string | undefined): Version | undefined =>
  name === undefined
    ? undefined
    : versions.find(
        ({ version, aliases }) => String(version) === name.replace(/^v/, '') || aliases.some((alias) => alias === name),
      )

interface VersionFieldProps {
  readonly project: ProjectName
  readonly model: ModelName
  readonly label?: string
  readonly value: number | undefined
  readonly onChange: (version: Version) => void
  readonly error?: string | undefined
  /** How a version stands in the deployment, as a word or two. */
  readonly standing?: (version: number) => string | undefined
  /** Why a version cannot be chosen. */
  readonly whyNot?: (version: Version) => string | undefined
}

/** One of a model's versions, newest first, found by number, alias or digest. */
export function VersionField({ project, model, label, value, onChange, error, standing, whyNot }: VersionFieldProps) {
  const [typed, setTyped] = useState('')
  const asked = /^v?(\d{1,9})$/.exec(typed)?.[1]
  const { list, versions, hasMore } = useVersions(project, model, asked === undefined ? value : Number(asked))
  const now = useNow()
  const choices = versions.map((version) => choiceOf(version, now, standing, whyNot))
  const found = choices.filter(({ text }) => text.toLowerCase().includes(typed.trim().toLowerCase()))
  return (
    <ChoiceField
      label={label ?? words.version}
      unit={say(words.ofModel, { model })}
      value={choices.find((choice) => choice.value === String(value))}
      choices={found}
      prompt={words.searchVersion}
      nothing={list.data?.versions.length === 0 ? say(words.noVersionsYet, { model }) : words.noVersion}
      error={error}
      onSearch={setTyped}
      onChange={(number) => {
        const chosen = versions.find(({ version }) => String(version) === number)
        if (chosen) onChange(chosen)
      }}
      {...(hasMore ? { foot: say(words.moreVersions, { count: SHOWN }) } : {})}
    />
  )
}

function choiceOf(
  { version, aliases, createdAt, runtime, size, digest, ...rest }: Version,
  now: number,
  standing: VersionFieldProps['standing'],
  whyNot: VersionFieldProps['whyNot'],
): Choice {
  const names = aliases.map((alias) => `@${alias}`)
  const stands = standing?.(Number(version))
  const parts = [...names, ...(stands === undefined ? [] : [stands])]
  return {
    value: String(version),
    label: <VersionName version={Number(version)} />,
    text: [`v${version}`, ...names, digest].join(' '),
    note: say(words.versionNote, {
      aliases: parts.length === 0 ? '' : `${parts.join(', ')}, `,
      when: ago(createdAt, now),
      runtime,
      size: bytes(size),
    }),
    because: whyNot?.({ version, aliases, createdAt, runtime, size, digest, ...rest }),
  }
}

/** One of the project's models, searched at the server. */
export function ModelField({
  project,
  value,
  onChange,
  error,
}: {
  project: ProjectName
  value: ModelName | undefined
  onChange: (model: ModelName) => void
  error?: string | undefined
}) {
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const { data } = useQuery({
    queryKey: [...readings.models(project), 'choice', search],
    queryFn: ({ signal }) =>
      client.call(listModels, {
        params: { project },
        query: { limit: 50, ...(search === '' ? {} : { search }) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const choices = (data?.models ?? []).map<Choice>(({ name, description }) => ({
    value: name,
    label: <b className="wrap">{name}</b>,
    text: name,
    ...(description === '' ? {} : { note: description }),
  }))
  return (
    <ChoiceField
      label={words.model}
      value={value === undefined ? undefined : { value, label: <b className="cut">{value}</b>, text: value }}
      choices={choices}
      prompt={words.searchModel}
      nothing={search === '' ? words.create.noModels : words.noModel}
      error={error}
      onSearch={setTyped}
      onChange={(name) => onChange(name as ModelName)}
    />
  )
}
