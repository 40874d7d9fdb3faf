import { useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { comparison as words } from '../../strings/comparison.ts'
import { Panel } from '../../ui/panel.tsx'
import { ShownFile } from '../files/shown-file.tsx'
import type { FileSource } from '../files/source.ts'
import { FileTree } from '../files/tree.tsx'
import { runSource } from '../runs/run-source.ts'
import css from './comparison.module.css'
import { inColour } from './run-look.ts'
import type { RunLook } from './run-look.ts'
import { useComparison } from './use-comparison.ts'

/** A file of two runs, beside one another. */
export function FilePair({ left, right }: { left: RunLook; right: RunLook }) {
  const project = useProject()
  const [{ file }, change] = useComparison()
  const [one, other] = [left.run.id, right.run.id]
  const sources = useMemo(() => {
    const both = [runSource(project, one), runSource(project, other)] as const
    return { both, merged: mergedSource(...both) }
  }, [project, one, other])
  const show = (path: string) => change({ file: path })
  return (
    <div className={css.pair}>
      <Panel title={words.files}>
        <FileTree source={sources.merged} shown={file} onShow={show} />
        {file === undefined && <p className="pad dim">{words.filesSays}</p>}
      </Panel>
      {file !== undefined &&
        [left, right].map(({ run, colour }, at) => (
          <div key={run.id} className={css.both}>
            <span className="row">
              <i className={css.swatch} style={inColour(colour)} aria-hidden />
              <b className="cut">{run.name}</b>
            </span>
            <ShownFile key={file} source={sources.both[at]!} path={file} onShow={show} />
          </div>
        ))}
    </div>
  )
}

/** The tree of what either of two sources has. Only its lists are asked for. */
function mergedSource(one: FileSource, other: FileSource): FileSource {
  return {
    ...one,
    key: [...one.key, ...other.key],
    async list(path, options) {
      const [here, there] = await Promise.all([one.list(path, options), other.list(path, options)])
      const known = new Set(here.map((entry) => entry.path))
      return [...here, ...there.filter((entry) => !known.has(entry.path))]
    },
  }
}
