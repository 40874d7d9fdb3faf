import { changeVersion, RunId, VersionNumber } from '@stead/contracts'
import type { Version } from '@stead/contracts'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useMay } from '../../frame/may.ts'
import { WithSide } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { ShortDigest } from '../../ui/copy.tsx'
import { SelectField } from '../../ui/select.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { VersionName } from '../deployments/version.tsx'
import { RunLink } from '../runs/run-facts.tsx'
import { TagsPanel } from '../runs/tags-panel.tsx'
import { Compared } from './compared.tsx'
import { servingQuery, versionQuery, versionsQuery } from './models.queries.ts'
import { ServingBands } from './serving-bands.tsx'
import { SignatureTable } from './signature-table.tsx'
import { missingIn } from './version-readiness.ts'
import css from './version-page.module.css'
import { useVersionReading } from './version-page.tsx'

const GraphPreview = lazy(() => import('./graph/graph-preview.tsx').then((of) => ({ default: of.GraphPreview })))

/** What a version takes and gives, against any other; what it was made from; where it served. */
export function VersionOverview() {
  const project = useProject()
  const version = useVersionReading().data
  const other = useOther(version)
  if (!version) return null
  return (
    <WithSide side={<Side version={version} />}>
      <Missing version={version} />
      <Panel
        title={words.columns.signature}
        note={version.runtime === 'onnx' ? words.read : words.declared}
        acts={<AgainstSelect version={version} other={other.number} />}
      >
        <SignatureTable signature={version.signature} other={other.version} />
      </Panel>
      {other.version && other.isAsked && <Compared version={version} other={other.version} />}
      {version.runtime === 'onnx' && (
        <Suspense>
          <GraphPreview project={project} version={version} />
        </Suspense>
      )}
    </WithSide>
  )
}

/** The version that this one is seen against: the one asked for, or the one before. */
function useOther(version: Version | undefined) {
  const project = useProject()
  const { against } = useSearch({ strict: false }) as { against?: string }
  const isAsked = against !== undefined
  const number = VersionNumber.safeParse(against ?? (version ? version.version - 1 : 0)).data
  const wanted = number !== undefined && number !== version?.version
  const reading = useQuery({
    ...versionQuery(project, version?.model ?? ('' as never), number ?? (1 as VersionNumber)),
    enabled: version !== undefined && wanted,
  })
  return { number: wanted ? number : undefined, isAsked, version: wanted ? reading.data : undefined }
}

function AgainstSelect({ version, other }: { version: Version; other: number | undefined }) {
  const project = useProject()
  const navigate = useNavigate()
  const pages = useInfiniteQuery(versionsQuery(project, version.model)).data?.pages ?? []
  const others = pages.flatMap((page) => page.versions).filter((one) => one.version !== version.version)
  // Versions older than those that are read can still be named in the address.
  const numbers = [...new Set([...others.map((one) => Number(one.version)), ...(other === undefined ? [] : [other])])]
  if (numbers.length === 0) return <span className="faint">{words.noOther}</span>
  return (
    <span className={css.against}>
      <span className="dim">{words.against}</span>
      <SelectField
        bare
        label={words.against}
        value={other === undefined ? null : String(other)}
        placeholder={words.nothing}
        options={numbers.map((number) => ({ value: String(number), label: <VersionName version={number} /> }))}
        onChange={(against) =>
          void navigate({ to: '.', search: (before) => ({ ...before, against }) as never, replace: true })
        }
      />
    </span>
  )
}

function Side({ version }: { version: Version }) {
  const project = useProject()
  const serving = useQuery(servingQuery(project, version.model, version.version))
  const { provenance } = version
  return (
    <>
      <Panel title={words.whereServed} padded>
        <Reading of={serving} what={words.whatServing} rows={2}>
          {({ spans }) => <ServingBands spans={spans} project={project} />}
        </Reading>
      </Panel>
      <Panel title={words.facts} padded>
        <Facts>
          <Fact name={words.run}>
            <MadeBy version={version} />
          </Fact>
          {version.loggedModel !== null && (
            <Fact name={words.loggedModel}>
              <Link
                to="/p/$project/logged-models/$loggedModel"
                params={{ project, loggedModel: version.loggedModel }}
                className="link wrap"
              >
                {version.loggedModel}
              </Link>
            </Fact>
          )}
          {version.source !== '' && version.source !== `models:/${version.loggedModel}` && (
            <Fact name={words.source}>
              <code className="wrap">{version.source}</code>
            </Fact>
          )}
          <Fact name={words.data}>{provenance.dataset ?? <span className="faint">{words.unknown}</span>}</Fact>
          <Fact name={words.code}>
            {provenance.commit ? (
              <code className="wrap">{provenance.commit}</code>
            ) : (
              <span className="faint">{words.unknown}</span>
            )}
          </Fact>
          <Fact name={words.columns.runtime}>{version.runtime}</Fact>
          <Fact name={words.columns.size}>
            <Link
              to="/p/$project/models/$model/$version/files"
              params={{ project, model: version.model, version: String(version.version) }}
              className="link"
            >
              {say(words.sizeAndFiles, { size: bytes(version.size), count: version.files.length })}
            </Link>
          </Fact>
          <Fact name={words.digest}>
            <ShortDigest digest={version.digest} />
          </Fact>
          <Fact name={words.created}>
            <Ago at={version.createdAt} />
          </Fact>
          {version.user !== '' && <Fact name={words.user}>{version.user}</Fact>}
          {version.stage !== 'None' && <Fact name={words.stage}>{version.stage}</Fact>}
        </Facts>
      </Panel>
      <VersionTags version={version} />
    </>
  )
}

/** The run that made it, where that is known; what its maker said otherwise. */
function MadeBy({ version: { run, provenance } }: { version: Version }) {
  const project = useProject()
  const known = RunId.safeParse(run).data
  if (known !== undefined) return <RunLink project={project} run={known} />
  return provenance.sourceRun ?? <span className="faint">{words.unknown}</span>
}

/** What keeps a version from being deployed. */
function Missing({ version }: { version: Version }) {
  const missing = missingIn(version)
  if (missing === undefined) return null
  const { runtime, source } = version
  return <Banner is="attention">{say(words.missing[missing], { runtime, source: source || words.elsewhere })}</Banner>
}

function VersionTags({ version }: { version: Version }) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('version.change')
  return (
    <TagsPanel
      name={`${version.model} v${version.version}`}
      tags={version.tags}
      because={because}
      onChange={async (tags) => {
        const params = { project, model: version.model, version: version.version }
        const after = await client.call(changeVersion, { params, body: { tags } })
        queries.setQueryData(versionQuery(project, version.model, version.version).queryKey, after)
      }}
    />
  )
}
