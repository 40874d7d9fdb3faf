import { useProject } from '../../frame/project.ts'
import { experiments as words } from '../../strings/experiments.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { trackingUriOf } from '../runs/tracking-uri.ts'
import css from './experiments.module.css'

/** How a first run gets here, ready to be pasted. */
export function FirstRun({ experiment }: { experiment?: string }) {
  const project = useProject()
  const lines = [
    'import mlflow',
    `mlflow.set_tracking_uri(${quoted(trackingUriOf(project))})`,
    ...(experiment === undefined ? [] : [`mlflow.set_experiment(${quoted(experiment)})`]),
    'with mlflow.start_run(): mlflow.log_metric("loss", 0.31)',
  ]
  return (
    <div className={css.first}>
      <h2 className={css.firstTitle}>{words.first.title}</h2>
      <p className="dim">{words.first.says}</p>
      <CodeBlock label={words.first.label} text={lines.join('\n')} />
    </div>
  )
}

/** A text as Python reads it: JSON's escapes are among its own. */
const quoted = (text: string) => JSON.stringify(text)
