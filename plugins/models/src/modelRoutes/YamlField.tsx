import { StreamLanguage } from '@codemirror/language';
import { yaml } from '@codemirror/legacy-modes/mode/yaml';
import CodeMirror, { EditorView } from '@uiw/react-codemirror';
import { useTheme } from '@material-ui/core/styles';
import styles from './RoutesPage.module.css';

const EXTENSIONS = [
  StreamLanguage.define(yaml),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': 'Route as YAML' }),
];

/** A field for YAML. Tab leaves it, so that the keyboard is not caught in it. */
export function YamlField(props: {
  value: string;
  onChange?: (value: string) => void;
}) {
  const { value, onChange } = props;
  const { palette } = useTheme();
  return (
    <CodeMirror
      className={styles.yaml}
      value={value}
      onChange={onChange}
      readOnly={!onChange}
      extensions={EXTENSIONS}
      theme={palette.type}
      indentWithTab={false}
      basicSetup={{ foldGutter: false, highlightActiveLine: false }}
    />
  );
}
