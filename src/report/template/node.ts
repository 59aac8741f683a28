/** A place in the template, as a UTF-16 offset. */
interface Placed {
  readonly start: number;
}

/** A variable with the fields asked of it: `$x.Name`. */
export interface VariableNode extends Placed {
  readonly type: 'variable';
  readonly names: readonly [string, ...string[]];
}

/** Fields of the current value: `.Driver.IPAddress`. */
interface FieldNode extends Placed {
  readonly type: 'field';
  readonly names: readonly string[];
}

/** Fields of what a function or a parenthesis yields: `(index . 0).Name`. */
interface ChainNode extends Placed {
  readonly type: 'chain';
  readonly base: Operand;
  readonly names: readonly string[];
}

/** The name of a function. */
export interface IdentifierNode extends Placed {
  readonly type: 'identifier';
  readonly name: string;
}

/** Something a command is made of. */
export type Operand =
  | VariableNode
  | FieldNode
  | ChainNode
  | IdentifierNode
  | PipeNode
  | (Placed & { readonly type: 'dot' })
  | (Placed & { readonly type: 'nil' })
  | (Placed & { readonly type: 'bool'; readonly value: boolean })
  | (Placed & { readonly type: 'number'; readonly value: bigint | number; readonly text: string })
  | (Placed & { readonly type: 'string'; readonly value: string; readonly quoted: string });

/** A function with its arguments, or a single operand. */
export interface CommandNode extends Placed {
  readonly type: 'command';
  readonly operands: readonly [Operand, ...Operand[]];
}

/** Commands, each fed with the answer of the one before, and the variables that take the last answer. */
export interface PipeNode extends Placed {
  readonly type: 'pipe';
  readonly variables: readonly VariableNode[];
  /** `=` rather than `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly CommandNode[];
}

/** `if`, `with` or `range` with both its branches. */
export interface BranchNode extends Placed {
  readonly type: 'if' | 'with' | 'range';
  readonly pipe: PipeNode;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[] | undefined;
}

/** `{{template "name" pipeline}}`. */
export interface CallNode extends Placed {
  readonly type: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

/** A pipeline whose answer is printed. */
interface ActionNode extends Placed {
  readonly type: 'action';
  readonly pipe: PipeNode;
}

/** A part of a template's body. */
export type TemplateNode =
  | (Placed & { readonly type: 'text'; readonly text: string })
  | ActionNode
  | BranchNode
  | CallNode
  | (Placed & { readonly type: 'break' | 'continue' });

/** A parsed template: its source and every body by name; the main one is named "". */
export interface Template {
  readonly text: string;
  readonly bodies: ReadonlyMap<string, readonly TemplateNode[]>;
}
