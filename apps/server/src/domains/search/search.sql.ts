import { SearchHit } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { digestBegins } from '../registry/model-rows.sql.ts'
import type { Found, SearchStore } from './search.ts'

const Row = z.looseObject({ fit: z.literal([0, 1, 2]), by: z.string() })
type Sql = RawBuilder<unknown>

export function sqlSearchStore(kysely: Kysely<Tables>): SearchStore {
  const read = async (kind: SearchHit['kind'], query: Sql): Promise<Found[]> => {
    const { rows } = await query.execute(kysely)
    return rows.map((row) => {
      const { fit, by, ...hit } = Row.parse(row)
      return { fit, by, hit: SearchHit.parse({ kind, ...hit }) }
    })
  }
  return {
    deployments: (projectId, text, limit) =>
      read(
        'deployment',
        best(
          sql`select name as deployment, name as by, ${fit(sql`name`, text)} as fit
            from deployments where project_id = ${projectId} and ${holds(sql`name`, text)}`,
          limit,
        ),
      ),
    models: (projectId, text, limit) =>
      read(
        'model',
        sql`select model, by, fit, (select max(number) from versions where versions.model_id = found.id) as "latestVersion"
          from (${best(modelsHolding(projectId, text), limit)}) as found`,
      ),
    aliases: (projectId, text, limit) => {
      const named = text.includes('@') ? sql`models.name || '@' || aliases.alias` : sql`aliases.alias`
      return read(
        'alias',
        best(
          sql`select models.name as model, aliases.alias, aliases.version_number as version,
              aliases.alias || '@' || models.name as by, ${fit(named, text)} as fit
            from aliases join models on models.id = aliases.model_id
            where aliases.project_id = ${projectId} and ${holds(named, text)}`,
          limit,
        ),
      )
    },
    numberedVersions: (projectId, model, version, limit) =>
      read(
        'version',
        best(
          sql`select found.model, versions.number as version, versions.digest, found.by, found.fit
            from (${modelsHolding(projectId, model)}) as found
            join versions on versions.model_id = found.id and versions.number = ${version}`,
          limit,
        ),
      ),
    versionsByDigest: (projectId, start, limit) =>
      read(
        'version',
        sql`select models.name as model, versions.number as version, versions.digest, versions.digest as by,
            case when versions.digest = ${start} then 0 else 1 end as fit
          from versions join models on models.id = versions.model_id
          where versions.project_id = ${projectId} and ${digestBegins(start)}
          order by versions.digest collate "C", models.name collate "C", versions.number limit ${limit}`,
      ),
  }
}

const modelsHolding = (projectId: string, text: string): Sql =>
  sql`select models.id, models.name as model, models.name as by, ${fit(sql`models.name`, text)} as fit
    from models where models.project_id = ${projectId} and ${holds(sql`models.name`, text)}`

const holds = (name: Sql, text: string): Sql => sql`position(lower(${text}) in lower(${name})) > 0`

const fit = (name: Sql, text: string): Sql =>
  sql`case position(lower(${text}) in lower(${name})) when 1 then
    case when lower(${name}) = lower(${text}) then 0 else 1 end else 2 end`

const best = (found: Sql, limit: number): Sql =>
  sql`select * from (${found}) as fitting order by fit, by collate "C" limit ${limit}`
