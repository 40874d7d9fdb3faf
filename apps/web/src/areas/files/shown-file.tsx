import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { ComponentType } from 'react'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Waiting } from '../../ui/waiting.tsx'
import { DownloadLink } from './download-link.tsx'
import css from './files.module.css'
import { kindOf } from './kind.ts'
import type { FileKind } from './kind.ts'
import { folderOf, headQuery, listQuery, nameOf } from './source.ts'
import type { FileEntry, FileSource, ModelPlace, ViewProps } from './source.ts'

type View = ComponentType<ViewProps>

/** Each way to show a file comes with the first file that needs it. */
const VIEWS: Readonly<Record<FileKind, View>> = {
  text: lazy(() => import('./text-view.tsx').then((module) => ({ default: module.TextView }))),
  json: lazy(() => import('./json-view.tsx').then((module) => ({ default: module.JsonView }))),
  table: lazy(() => import('./table-view.tsx').then((module) => ({ default: module.TableView }))),
  image: lazy(() => import('./image-view.tsx').then((module) => ({ default: module.ImageView }))),
  pdf: lazy(() => import('./pdf-view.tsx').then((module) => ({ default: module.PdfView }))),
  html: lazy(() => import('./html-view.tsx').then((module) => ({ default: module.HtmlView }))),
  audio: lazy(() => import('./media-view.tsx').then((module) => ({ default: module.AudioView }))),
  video: lazy(() => import('./media-view.tsx').then((module) => ({ default: module.VideoView }))),
  markdown: lazy(() => import('./markdown-view.tsx').then((module) => ({ default: module.MarkdownView }))),
  mlmodel: lazy(() => import('./mlmodel-view.tsx').then((module) => ({ default: module.MlModelView }))),
  notebook: lazy(() => import('./notebook-view.tsx').then((module) => ({ default: module.NotebookView }))),
  empty: () => <Empty title={words.emptyFile} says={words.emptyFileSays} />,
  packed: (props) => (
    <Empty
      title={words.packed}
      says={props.size === null ? words.otherSize : say(words.packedSays, { size: bytes(props.size) })}
      act={<DownloadLink {...props} />}
    />
  ),
  other: (props) => (
    <Empty
      title={words.other}
      says={props.size === null ? words.otherSize : say(words.otherSays, { size: bytes(props.size) })}
      act={<DownloadLink {...props} />}
    />
  ),
}

interface ShownProps {
  readonly source: FileSource
  readonly path: string
  readonly onShow: (path: string) => void
  readonly place?: ModelPlace | undefined
}

/** The file that is looked at: what it is called, how large it is, and what is in it. */
export function ShownFile(props: ShownProps) {
  const { source, path } = props
  const folder = useQuery(listQuery(source, folderOf(path)))
  const entry = folder.data?.find((one) => one.path === path)
  const isFile = entry?.isDirectory === false
  return (
    <Panel
      className={css.file ?? ''}
      title={<span className="wrap">{nameOf(path)}</span>}
      note={isFile && entry.size !== null ? <span className="num">{bytes(entry.size)}</span> : undefined}
      acts={
        isFile && (
          <>
            <CopyButton text={path} label={words.copyPath} />
            <DownloadLink source={source} path={path} />
          </>
        )
      }
    >
      <Reading of={folder} what={words.whatFolder} rows={6}>
        {() =>
          entry === undefined ? (
            <Gone path={path} />
          ) : entry.isDirectory ? (
            <FolderSays source={source} path={path} />
          ) : (
            <Content {...props} entry={entry} />
          )
        }
      </Reading>
    </Panel>
  )
}

const Gone = ({ path }: { path: string }) => <Empty title={say(words.gone, { path })} says={words.goneSays} />

function FolderSays({ source, path }: { source: FileSource; path: string }) {
  const reading = useQuery(listQuery(source, path))
  return (
    <Reading of={reading} what={words.whatFolder}>
      {(entries) => <Empty title={say(words.isFolder, { count: entries.length })} says={words.choose} />}
    </Reading>
  )
}

function Content({ source, path, onShow, place, entry: { size } }: ShownProps & { entry: FileEntry }) {
  const head = useQuery(headQuery(source, path, size))
  if (isNotFound(head.error) && !head.isFetching) return <Gone path={path} />
  return (
    <Reading of={head} what={words.whatFile} rows={6}>
      {(first) => {
        const Shown = VIEWS[kindOf(path, first, size)]
        return (
          <Suspense fallback={<Waiting what={words.whatFile} rows={6} />}>
            <Shown source={source} path={path} size={size} head={first} place={place} onShow={onShow} />
          </Suspense>
        )
      }}
    </Reading>
  )
}
