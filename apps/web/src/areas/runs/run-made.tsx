import type { LoggedModel, ProjectName, Run, RunVersion } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useProject } from '../../frame/project.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { servingQuery } from '../models/models.queries.ts'
import { ServesNow } from '../models/serves-in.tsx'
import { modelsOfRunQuery, versionsOfRunQuery } from './runs.queries.ts'

/** The logged models that the run made, what was registered of them or of its files, and where that answers now. */
export function RunMade({ run }: { run: Run }) {
  const project = useProject()
  const models = useQuery(modelsOfRunQuery(project, run.id)).data?.loggedModels ?? []
  const versions = useQuery(versionsOfRunQuery(project, run.id)).data?.versions ?? []
  const made = models.filter((model) => model.run === run.id)
  const used = run.models.filter(({ direction }) => direction === 'input')
  if (made.length === 0 && versions.length === 0 && used.length === 0) return null
  return (
    <>
      {(made.length > 0 || versions.length > 0) && (
        <Panel title={words.made} padded>
          <Facts>
            {made.map((model) => (
              <MadeModel key={model.id} project={project} model={model} />
            ))}
            {alone(versions, made).map((version) => (
              <Fact key={`${version.model}/${version.version}`} name={words.registered}>
                <VersionLine project={project} version={version} />
              </Fact>
            ))}
          </Facts>
        </Panel>
      )}
      {used.length > 0 && (
        <Panel title={words.used} padded>
          <ul>
            {used.map(({ model }) => (
              <li key={model}>
                <LoggedModelLink project={project} id={model} name={model} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  )
}

/** Versions that no logged model tells of already. */
function alone(versions: readonly RunVersion[], made: readonly LoggedModel[]): readonly RunVersion[] {
  const told = new Set(made.flatMap((model) => model.versions.map((one) => `${one.model}/${one.version}`)))
  return versions.filter(({ model, version }) => !told.has(`${model}/${version}`))
}

const LoggedModelLink = ({ project, id, name }: { project: string; id: string; name: string }) => (
  <Link to="/p/$project/logged-models/$loggedModel" params={{ project, loggedModel: id }} className="link wrap">
    {name}
  </Link>
)

function MadeModel({ project, model }: { project: ProjectName; model: LoggedModel }) {
  return (
    <>
      <Fact name={words.loggedModel}>
        <LoggedModelLink project={project} id={model.id} name={model.name} />
      </Fact>
      <Fact name={words.registered}>
        {model.versions.length === 0 ? (
          <span className="faint">{words.notRegistered}</span>
        ) : (
          model.versions.map((version) => (
            <VersionLine key={`${version.model}/${version.version}`} project={project} version={version} />
          ))
        )}
      </Fact>
    </>
  )
}

/** A version, and the deployments that answer with it. */
export function VersionLine({
  project,
  version: { model, version },
}: {
  project: ProjectName
  version: Pick<RunVersion, 'model' | 'version'>
}) {
  const spans = useQuery(servingQuery(project, model, version)).data?.spans
  return (
    <div className="row-wrap">
      <Link
        to="/p/$project/models/$model/$version"
        params={{ project, model, version: String(version) }}
        className="link wrap"
      >
        {say(words.version, { model, version: String(version) })}
      </Link>
      {spans?.some(({ until }) => until === null) && <ServesNow project={project} spans={spans} />}
    </div>
  )
}
