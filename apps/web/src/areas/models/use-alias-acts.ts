import { deleteAlias, setAlias } from '@stead/contracts'
import type { AliasName, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { tell } from '../../ui/toast.tsx'

export interface AliasActs {
  /** `from` is where it points now; undefined for a new one. Rejects when it is refused, for the field that asked. */
  point(alias: string, from: number | undefined, to: number): Promise<void>
  /** The same where no field asked: a failure is told. */
  move(alias: string, from: number, to: number): Promise<void>
  remove(alias: string, from: number): Promise<void>
}

/** What can be done with the aliases of a model; all of it can be undone. */
export function useAliasActs(project: ProjectName, model: ModelName): AliasActs {
  const queries = useQueryClient()
  const params = (alias: string) => ({ project, model, alias: alias as AliasName })
  const readAgain = () => queries.invalidateQueries({ queryKey: readings.model(project, model) })
  const set = async (alias: string, version: number) => {
    await client.call(setAlias, { params: params(alias), body: { version: version as VersionNumber } })
    await readAgain()
  }
  const drop = async (alias: string) => {
    await client.call(deleteAlias, { params: params(alias) })
    await readAgain()
  }
  const told = (alias: string, act: Promise<void>) =>
    act.catch((error: unknown) => tell(say(words.aliasFailed, { alias, why: sentenceOf(error) }), { failed: true }))
  const undo = (alias: string, from: number | undefined) => () =>
    void told(alias, from === undefined ? drop(alias) : set(alias, from))
  const point = async (alias: string, from: number | undefined, to: number) => {
    await set(alias, to)
    const news = from === undefined ? say(words.aliasAdded, { alias, to }) : say(words.aliasMoved, { alias, from, to })
    tell(news, { undo: undo(alias, from) })
  }
  const remove = async (alias: string, from: number) => {
    await drop(alias)
    tell(say(words.aliasRemoved, { alias, from }), { undo: undo(alias, from) })
  }
  return {
    point,
    move: (alias, from, to) => told(alias, point(alias, from, to)),
    remove: (alias, from) => told(alias, remove(alias, from)),
  }
}
