/**
 * Python's literals, in which Cinder writes filters such as `metadata={'a': 'b'}`.
 * @see Python's ast.literal_eval
 */
export type Literal = string | boolean | null | Literal[] | { [key: string]: Literal };

/** What Python's int() reads in a text; undefined for what is no whole number. */
export const pythonInteger = (text: string): number | undefined =>
  /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined;

const token = /\s*(?:([[\](){},:])|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([+-]?\d+(?:\.\d+)?)|(None|True|False)\b)/y;
const closing: Record<string, string> = { '[': ']', '(': ')', '{': '}' };

class NotALiteral extends Error {}

/** A value, numbers as they are written; undefined where the text is no literal and stands for itself. */
export function pythonLiteral(text: string): Literal | undefined {
  try {
    const tokens = [...tokensOf(text)];
    const reader = new Reader(tokens);
    const value = reader.value();
    return reader.atEnd ? value : undefined;
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

type Token = { sign: string } | { value: string | boolean | null };

function* tokensOf(text: string): Generator<Token> {
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  for (let at = 0; at < end; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) throw new NotALiteral();
    const [, sign, single, double, number, word] = found;
    if (sign !== undefined) yield { sign };
    else if (word !== undefined) yield { value: word === 'None' ? null : word === 'True' };
    else yield { value: number ?? (single ?? double ?? '').replace(/\\(.)/g, '$1') };
  }
}

class Reader {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  value(): Literal {
    const next = this.tokens[this.at++];
    if (!next) throw new NotALiteral();
    if (!('sign' in next)) return next.value;
    const end = closing[next.sign];
    if (end === undefined) throw new NotALiteral();
    return next.sign === '{' ? this.dictionary(end) : this.list(end);
  }

  private list(end: string): Literal[] {
    const items: Literal[] = [];
    while (!this.takes(end)) {
      items.push(this.value());
      if (!this.takes(',')) return this.must(end, items);
    }
    return items;
  }

  private dictionary(end: string): Literal {
    const entries: [string, Literal][] = [];
    while (!this.takes(end)) {
      const key = this.value();
      this.must(':', key);
      entries.push([String(key), this.value()]);
      if (!this.takes(',')) return this.must(end, Object.fromEntries(entries));
    }
    return Object.fromEntries(entries);
  }

  private takes(sign: string): boolean {
    const next = this.tokens[this.at];
    const found = next !== undefined && 'sign' in next && next.sign === sign;
    if (found) this.at += 1;
    return found;
  }

  private must<T>(sign: string, value: T): T {
    if (!this.takes(sign)) throw new NotALiteral();
    return value;
  }
}
