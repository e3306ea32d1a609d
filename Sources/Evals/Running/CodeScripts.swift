// The programs that wait for code: each reads a call a line and answers with a line that a mark begins, so that what the
// code prints is told from it.

enum CodeScripts {
  static let mark = Array("\u{1}awl ".utf8)

  /// An expression's value, or that of a body with `return`; a function is called with the output and the context.
  static let javascript = #"""
    const lines = require('readline').createInterface({ input: process.stdin });
    const path = require('path'), url = require('url');
    const answer = (id, reply) => process.stdout.write('\u0001awl ' + JSON.stringify({ id, ...reply }) + '\n');
    const loaded = new Map();
    async function load(place) {
      let [, file, name] = place.match(/^file:\/\/(.*?\.[cm]?[jt]s)(?::(\w+))?$/) || [];
      if (!file) throw new Error('no file of JavaScript: ' + place);
      if (!loaded.has(file)) loaded.set(file, await import(url.pathToFileURL(path.resolve(file)).href));
      const module = loaded.get(file);
      const found = name ? (module[name] ?? module.default?.[name]) : (module.default?.default ?? module.default ?? module);
      if (typeof found !== 'function') throw new Error(`${file} exports no function${name ? ' ' + name : ''}`);
      return found;
    }
    const compiled = new Map();
    function compile(code) {
      if (!compiled.has(code)) {
        const isBody = /\n/.test(code.trim()) || /^\s*(const|let|var|if|return|throw|for|while|switch|try)\b/.test(code);
        const AsyncFunction = (async () => {}).constructor;
        let made;
        try { made = new AsyncFunction('output', 'context', 'vars', 'prompt', isBody ? code : `return (${code}\n)`); }
        catch (error) { if (isBody && !/\breturn\b/.test(code)) made = new AsyncFunction('output', 'context', 'vars', 'prompt', `return (${code}\n)`); else throw error; }
        compiled.set(code, made);
      }
      return compiled.get(code);
    }
    lines.on('line', async (line) => {
      const call = JSON.parse(line);
      try {
        let result;
        if (call.code.startsWith('file://')) result = await (await load(call.code))(call.output, call.context);
        else result = await compile(call.code)(call.output, call.context, call.context.vars, call.context.prompt);
        if (typeof result === 'function') result = await result(call.output, call.context);
        if (result === undefined) throw new Error('the code gives nothing back');
        if (typeof result === 'number' && !Number.isFinite(result)) throw new Error('the code gives ' + result);
        answer(call.id, { result });
      } catch (error) { answer(call.id, { error: String(error && error.message || error) }); }
    });
    """#

  /// An expression's value, or that of a body with `return`; of a file the function `get_assert` or the one named.
  static let python = #"""
    from importlib import util as importing
    sys, json, inspect, os, textwrap, asyncio = map(__import__, 'sys json inspect os textwrap asyncio'.split())
    loaded = {}
    def load(place, kind):
        path, _, name = place[7:].partition('.py')
        path += '.py'
        name = name[1:] or ('get_assert' if kind == 'assertion' else 'get_transform')
        if path not in loaded:
            spec = importing.spec_from_file_location('suite_code_%d' % len(loaded), path)
            module = importing.module_from_spec(spec)
            sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
            spec.loader.exec_module(module)
            loaded[path] = module
        return getattr(loaded[path], name)
    def plain(value):
        if hasattr(value, '__dict__') and not isinstance(value, (dict, list, str, int, float, bool)): return vars(value)
        return value
    def run(call):
        code, output, context = call['code'], call['output'], call['context']
        if code.startswith('file://'): return load(code, call['kind'])(output, context)
        if '\n' not in code.strip():
            return eval(code.strip(), {'output': output, 'context': context, 'vars': context.get('vars', {}), 'json': json, '__builtins__': __builtins__})
        scope = {'json': json}
        exec('def main(output, context):\n' + textwrap.indent(textwrap.dedent(code), '    '), scope)
        return scope['main'](output, context)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            result = run(call)
            if inspect.isawaitable(result):
                async def wait(value): return await value
                result = asyncio.run(wait(result))
            if result is None: raise ValueError('the code gives nothing back')
            reply = {'id': call['id'], 'result': result}
            text = json.dumps(reply, default=plain, allow_nan=False)
        except BaseException as error:
            text = json.dumps({'id': call['id'], 'error': '%s: %s' % (type(error).__name__, error)})
        sys.stdout.write('\u0001awl ' + text + '\n')
        sys.stdout.flush()
    """#
}
