import { ProjectName, SteadError } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'

const DEFAULT = ProjectName.parse('default')

/** The project that a request is about: the one in the path of the tracking URI (`http://host/p/weather`), else the
 *  workspace that newer clients name in a header, else `default`. */
export function projectAsked({ headers }: Pick<FastifyRequest, 'headers'>, inPath: string | undefined): ProjectName {
  const named = inPath ?? headers['x-mlflow-workspace']
  if (named === undefined || named === '') return DEFAULT
  const parsed = ProjectName.safeParse(named)
  if (!parsed.success) throw new SteadError('project_not_found', `there is no project "${String(named).slice(0, 100)}"`)
  return parsed.data
}

/** Whether an address belongs to this protocol, so that also what is not there is told in its form. */
export const isMlflowPath = (url: string): boolean =>
  /^(?:\/p\/[^/]+)?\/(?:(?:ajax-)?api\/[23]\.0(?:\/|mlflow)|v1\/traces|(?:health|version)(?:$|\?)|get-artifact|model-versions\/get-artifact)/.test(
    url,
  )
