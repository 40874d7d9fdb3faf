import { useQuery } from '@tanstack/react-query'
import { Reading } from '../../live/reading.tsx'
import { files as words } from '../../strings/files.ts'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/waiting.tsx'
import css from './files.module.css'
import { ShownFile } from './shown-file.tsx'
import { listQuery } from './source.ts'
import type { FileSource, ModelPlace } from './source.ts'
import { FileTree } from './tree.tsx'
import { preferred } from './tree-rows.ts'

export interface FilesProps {
  readonly source: FileSource
  /** The file or folder of the address; what tells of the rest is shown where there is none. */
  readonly shown: string | undefined
  readonly onShow: (path: string) => void
  readonly place?: ModelPlace | undefined
}

/** The files of a run or a model as a tree, and beside it the one that is looked at. */
export function Files({ source, shown, onShow, place }: FilesProps) {
  const top = useQuery(listQuery(source, ''))
  if (!top.data)
    return (
      <Panel title={words.files}>
        <Reading of={top} what={words.whatFolder} rows={6}>
          {() => null}
        </Reading>
      </Panel>
    )
  if (top.data.length === 0)
    return (
      <Panel title={words.files}>
        <Empty title={words.none} says={words.noneSays} />
      </Panel>
    )
  const path = shown ?? preferred(top.data)
  return (
    <div className={css.files}>
      <Panel label={words.files} className={css.side ?? ''}>
        <FileTree source={source} shown={path} onShow={onShow} />
      </Panel>
      {path === undefined ? (
        <Panel label={words.file}>
          <Empty title={words.choose} />
        </Panel>
      ) : (
        <ShownFile key={`${source.key.join('/')} ${path}`} source={source} path={path} onShow={onShow} place={place} />
      )}
    </div>
  )
}
