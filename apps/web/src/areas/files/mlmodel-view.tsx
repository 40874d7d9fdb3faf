import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Fact, Facts } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import css from './files.module.css'
import { loadingLines, readMlModel, registeringLines, shellWord, uriOf } from './mlmodel.ts'
import type { Flavor, MlModel, SignaturePart } from './mlmodel.ts'
import { folderOf, textOf, wholeQuery } from './source.ts'
import type { ModelPlace, ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'
import { AsText, tried, Whole } from './whole.tsx'

const LARGEST = 1 << 20

/** What an MLmodel file tells of its model, or the file as it is written. */
export function MlModelView(props: ViewProps) {
  const reading = useQuery(wholeQuery(props, 'mlmodel', LARGEST, (read) => tried(() => readMlModel(textOf(read)))))
  const [how, setHow] = useState<'summary' | 'text'>('summary')
  return (
    <>
      <div className={css.bar}>
        <Segmented
          label={words.how}
          value={how}
          options={[
            { value: 'summary', label: words.summary },
            { value: 'text', label: words.asText },
          ]}
          onChange={setHow}
        />
      </div>
      {how === 'text' ? (
        <TextView {...props} />
      ) : (
        <Whole of={reading} file={props}>
          {(read) =>
            read.is === 'made' ? (
              <Told model={read.content} file={props} />
            ) : (
              <AsText file={props} why={say(words.noMlModel, { why: read.why })} />
            )
          }
        </Whole>
      )}
    </>
  )
}

function Told({ model, file }: { model: MlModel; file: ViewProps }) {
  return (
    <div className={css.told}>
      <Part title={words.modelFacts}>
        <Facts>
          <Given name={words.modelId} value={model.modelId} />
          <Given name={words.run} value={model.runId} />
          <Given name={words.made} value={model.made} />
          <Given name={words.modelSize} value={model.size === undefined ? undefined : bytes(model.size)} />
          <Given name={words.mlflowVersion} value={model.mlflowVersion} />
        </Facts>
      </Part>
      <Part title={words.signature}>
        {model.signature ? (
          <>
            <Signature title={words.inputs} parts={model.signature.inputs} />
            <Signature title={words.outputs} parts={model.signature.outputs} />
            {model.signature.params?.length !== 0 && <Signature title={words.params} parts={model.signature.params} />}
          </>
        ) : (
          <p className="dim">{words.noSignature}</p>
        )}
      </Part>
      <Part title={words.flavors}>
        {model.flavors.map((flavor) => (
          <OneFlavor key={flavor.name} flavor={flavor} />
        ))}
      </Part>
      <Lines model={model} place={file.place} />
      <Beside title={words.environment} paths={model.environment} file={file} />
      <Beside title={words.examples} paths={model.examples} file={file} />
    </div>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className={css.part}>
    <h3>{title}</h3>
    {children}
  </section>
)

const Given = ({ name, value }: { name: string; value: string | undefined }) =>
  value === undefined ? null : (
    <Fact name={name}>
      <code>{value}</code>
    </Fact>
  )

function OneFlavor({ flavor: { name, facts } }: { flavor: Flavor }) {
  return (
    <div className={css.flavor}>
      <h4>
        <code>{name}</code>
      </h4>
      {facts.length === 0 ? (
        <p className="faint">{words.noFacts}</p>
      ) : (
        <Facts>
          {facts.map((fact) => (
            <Given key={fact.name} name={fact.name} value={fact.value} />
          ))}
        </Facts>
      )}
    </div>
  )
}

interface Row extends SignaturePart {
  readonly at: number
}

function Signature({ title, parts }: { title: string; parts: readonly SignaturePart[] | undefined }) {
  const hasPreset = parts?.some(({ preset }) => preset !== undefined) === true
  const columns: Column<Row>[] = [
    {
      id: 'name',
      title: words.name,
      phone: 'name',
      cell: ({ name, at }) =>
        name === '' ? (
          <span className="faint">{say(words.unnamed, { number: at + 1 })}</span>
        ) : (
          <code className="wrap">{name}</code>
        ),
    },
    { id: 'type', title: words.type, width: '46%', cell: ({ type }) => <code className="wrap">{type}</code> },
    hasPreset
      ? { id: 'preset', title: words.preset, width: '22%', cell: ({ preset }) => <code>{preset}</code> }
      : {
          id: 'needed',
          title: words.needed,
          width: '14%',
          cell: ({ isRequired }) => (isRequired ? words.yes : words.no),
        },
  ]
  return (
    <div className={css.signature}>
      <h4>{title}</h4>
      {parts === undefined ? (
        <p className="faint">{words.partUnread}</p>
      ) : parts.length === 0 ? (
        <p className="faint">{words.noPart}</p>
      ) : (
        <Table
          label={title}
          columns={columns}
          rows={parts.map((part, at) => ({ ...part, at }))}
          keyOf={({ at }) => String(at)}
        />
      )}
    </div>
  )
}

/** Lines to copy: into Python, and into a shell. */
function Lines({ model, place }: { model: MlModel; place: ModelPlace | undefined }) {
  const uri = place?.uri ?? uriOf(model)
  const registered = place?.model
  const name = registered ?? 'my-model'
  return (
    <>
      {uri !== undefined && (
        <Part title={words.load}>
          <CodeBlock text={loadingLines(uri, place?.trackingUri, model)} label={words.lines1} />
        </Part>
      )}
      <Part title={registered === undefined ? words.deploy : words.deployRegistered}>
        {registered === undefined && uri !== undefined && (
          <CodeBlock text={registeringLines(uri, name)} label={words.lines2} />
        )}
        <CodeBlock text={`stead deploy ${shellWord(name)} --model ${shellWord(name)}`} label={words.lines3} />
      </Part>
    </>
  )
}

/** Files beside the MLmodel. */
function Beside({ title, paths, file }: { title: string; paths: readonly string[]; file: ViewProps }) {
  if (paths.length === 0) return null
  const folder = folderOf(file.path)
  return (
    <Part title={title}>
      <div className="row-wrap">
        {paths.map((path) => (
          <Button
            key={path}
            size="small"
            icon={<FileText />}
            onClick={() => file.onShow(folder === '' ? path : `${folder}/${path}`)}
          >
            {path}
          </Button>
        ))}
      </div>
    </Part>
  )
}
