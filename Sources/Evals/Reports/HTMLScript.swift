// The script of the HTML page. Only rows on the screen are elements, so that ten thousand of them cost what thirty cost; the
// view (filter, order, open row) stands in the address, so that it can be linked to.

enum HTMLScript {
  /// Words that were taken out and put in, by the longest common subsequence between a common beginning and end.
  static let diff = #"""

    'use strict';
    function wordDiff(before, after) {
      const words = text => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
      let a = words(before), b = words(after), start = 0, end = 0;
      while (start < a.length && start < b.length && a[start] === b[start]) start++;
      while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
      const pieces = [];
      const push = (kind, text) => {
        const last = pieces[pieces.length - 1];
        if (!text) return;
        if (last && last.kind === kind) last.text += text; else pieces.push({ kind, text });
      };
      push('same', a.slice(0, start).join(''));
      const x = a.slice(start, a.length - end), y = b.slice(start, b.length - end);
      if (x.length * y.length > 4e6) {
        push('del', x.join(''));
        push('ins', y.join(''));
      } else {
        const wide = y.length + 1, lengths = new Uint16Array((x.length + 1) * wide);
        for (let i = x.length - 1; i >= 0; i--)
          for (let j = y.length - 1; j >= 0; j--)
            lengths[i * wide + j] = x[i] === y[j] ? lengths[(i + 1) * wide + j + 1] + 1
              : Math.max(lengths[(i + 1) * wide + j], lengths[i * wide + j + 1]);
        let i = 0, j = 0;
        while (i < x.length || j < y.length) {
          if (i < x.length && j < y.length && x[i] === y[j]) { push('same', x[i]); i++; j++; }
          else if (j >= y.length || i < x.length && lengths[(i + 1) * wide + j] >= lengths[i * wide + j + 1]) {
            push('del', x[i]); i++;
          } else { push('ins', y[j]); j++; }
        }
      }
      push('same', a.slice(a.length - end).join(''));
      return pieces;
    }

    """#

  static let page = #"""

    (() => {
      const began = performance.now();
      const id = name => document.getElementById(name);
      const make = (tag, text, kind) => {
        const element = document.createElement(tag);
        if (text !== undefined) element.textContent = text;
        if (kind) element.className = kind;
        return element;
      };
      const columns = JSON.parse(id('columns').textContent);
      const rows = id('rows').textContent.split('\n').filter(line => line).map(line => JSON.parse(line));
      id('rows').textContent = '';
      for (const row of rows) {
        row.key = row.repeat ? `${row.row}.${row.repeat}` : String(row.row);
        row.by = [];
        for (const cell of row.cells) row.by[cell.column] = cell;
        row.failed = row.cells.some(cell => cell.outcome !== 'pass');
      }
      const height = 52, table = id('table'), head = id('head'), space = id('space'), detail = id('detail');
      const state = { query: '', show: 'all', sort: '', open: '', against: '0' };
      let shown = rows;

      const text = row => row.text ??= [row.name, ...Object.values(row.vars),
        ...row.cells.flatMap(cell => [cell.output, cell.why])].join('\n').toLowerCase();
      const rank = { error: 0, fail: 1, pass: 2 };
      const isShown = {
        all: () => true,
        failed: row => row.failed,
        errors: row => row.cells.some(cell => cell.outcome === 'error'),
        different: row => new Set(row.cells.map(cell => cell.outcome)).size > 1,
      };

      function choose() {
        const query = state.query.toLowerCase();
        const wanted = isShown[state.show] || isShown.all;
        shown = rows.filter(row => wanted(row) && (!query || text(row).includes(query)));
        const match = /^(-?)(test|\d+)$/.exec(state.sort);
        if (match) {
          const sign = match[1] ? -1 : 1;
          const compare = match[2] === 'test' ? (a, b) => a.name.localeCompare(b.name) : (a, b) => {
            const x = a.by[match[2]], y = b.by[match[2]];
            if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1);
            return rank[x.outcome] - rank[y.outcome] || x.score - y.score;
          };
          shown.sort((a, b) => sign * compare(a, b) || a.row - b.row);
        }
        id('count').textContent = shown.length === rows.length
          ? `${rows.length} rows` : `${shown.length} of ${rows.length} rows`;
        space.style.height = `${shown.length * height}px`;
      }

      function draw() {
        const first = Math.max(0, Math.floor(table.scrollTop / height) - 5);
        const last = Math.min(shown.length, first + Math.ceil((table.clientHeight || 800) / height) + 12);
        const grid = `minmax(140px, 1fr) repeat(${columns.length}, minmax(160px, 2fr))`;
        head.style.gridTemplateColumns = grid;
        const elements = [];
        for (let index = first; index < last; index++) {
          const row = shown[index], element = make('div', undefined, row.key === state.open ? 'row open' : 'row');
          element.style.top = `${index * height}px`;
          element.style.gridTemplateColumns = grid;
          element.dataset.row = row.key;
          element.append(make('div', row.repeat ? `${row.name} (${row.repeat})` : row.name));
          for (let column = 0; column < columns.length; column++) {
            const cell = row.by[column], box = make('div', undefined, cell ? cell.outcome : '');
            if (cell) {
              const mark = cell.outcome === 'pass' ? '✓ ' : cell.outcome === 'fail' ? '✗ ' : '⚠ ';
              const score = cell.outcome === 'error' ? 'error ' : `${+cell.score.toFixed(3)} `;
              box.append(make('b', mark + score));
              box.append((cell.outcome === 'pass' ? cell.output : cell.why || cell.output).slice(0, 300));
            }
            element.append(box);
          }
          element.onclick = () => open(row);
          elements.push(element);
        }
        space.replaceChildren(...elements);
      }

      function open(row) {
        state.open = row.key;
        show(row);
        keep();
        draw();
      }

      function show(row) {
        detail.hidden = !row;
        if (!row) return detail.replaceChildren();
        const parts = [make('h2', `${row.row} ${row.name}`)];
        for (const [name, value] of Object.entries(row.vars)) parts.push(make('h3', name), make('pre', value));
        const reference = row.by[state.against];
        if (row.cells.length > 1) {
          const choice = make('select'), none = make('option', 'no differences');
          none.value = 'none';
          choice.append(none, ...columns.map((name, column) => {
            const option = make('option', `differences to ${name}`);
            option.value = column;
            return option;
          }));
          choice.value = state.against;
          choice.onchange = () => { state.against = choice.value; show(row); keep(); };
          parts.push(choice);
        }
        for (const cell of row.cells) {
          const title = make('h3', columns[cell.column] + ' ');
          title.append(make('b', cell.outcome === 'error' ? 'error' : `${cell.outcome} ${+cell.score.toFixed(3)}`,
            cell.outcome));
          const facts = [cell.time, cell.cost].filter(fact => fact).join(', ');
          if (facts) title.append(' ' + facts);
          parts.push(title);
          if (cell.why) parts.push(make('p', cell.why));
          const answer = make('pre');
          if (reference && reference !== cell)
            for (const piece of wordDiff(reference.output, cell.output))
              answer.append(piece.kind === 'same' ? piece.text : make(piece.kind, piece.text));
          else answer.textContent = cell.output;
          parts.push(answer);
          if (cell.checks.length) {
            const list = make('ul');
            for (const check of cell.checks) {
              const item = make('li');
              const mark = check.skipped ? '–' : check.pass ? '✓' : '✗';
              item.append(make('b', `${mark} ${check.kind}`, check.skipped ? '' : check.pass ? 'pass' : 'fail'));
              item.append(` ${check.value || ''} ${check.reason ? '(' + check.reason + ')' : ''}`);
              if (check.judges) {
                const votes = make('ul');
                for (const vote of check.judges) {
                  const kind = vote.verdict === 'pass' || vote.verdict === 'fail' ? vote.verdict : '';
                  const line = make('li');
                  line.append(make('b', `${vote.judge}: ${vote.verdict}`, kind), ` ${vote.reason || ''}`);
                  votes.append(line);
                }
                item.append(votes);
              }
              list.append(item);
            }
            parts.push(list);
          }
        }
        detail.replaceChildren(...parts);
      }

      function keep() {
        const words = new URLSearchParams();
        for (const [key, value] of Object.entries(state))
          if (value && value !== 'all' && !(key === 'against' && value === '0')) words.set(key, value);
        history.replaceState(null, '', '#' + words);
      }

      function update() {
        choose();
        for (const button of head.children) {
          const mark = state.sort === button.dataset.key ? ' ↑' : state.sort === '-' + button.dataset.key ? ' ↓' : '';
          button.textContent = button.dataset.name + mark;
        }
        draw();
      }

      for (const [key, name] of [['test', 'test'], ...columns.map((name, column) => [String(column), name])]) {
        const button = make('button', name);
        button.dataset.key = key;
        button.dataset.name = name;
        button.onclick = () => {
          state.sort = state.sort === key ? '-' + key : state.sort === '-' + key ? '' : key;
          table.scrollTop = 0;
          update();
          keep();
        };
        head.append(button);
      }
      id('query').oninput = () => { state.query = id('query').value; table.scrollTop = 0; update(); keep(); };
      id('show').onchange = () => { state.show = id('show').value; table.scrollTop = 0; update(); keep(); };
      table.onscroll = () => requestAnimationFrame(draw);
      window.onresize = draw;
      table.onkeydown = event => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.key === 'Escape') { state.open = ''; show(); keep(); draw(); }
        if (!step) return;
        const next = shown[shown.findIndex(row => row.key === state.open) + step];
        if (!next) return;
        event.preventDefault();
        open(next);
        space.querySelector('.open')?.scrollIntoView({ block: 'nearest' });
      };
      for (const [key, value] of new URLSearchParams(location.hash.slice(1))) if (key in state) state[key] = value;
      id('query').value = state.query;
      id('show').value = state.show in isShown ? state.show : 'all';
      update();
      const opened = rows.find(row => row.key === state.open);
      if (opened) show(opened);
      document.body.dataset.milliseconds = Math.round(performance.now() - began);
    })();

    """#
}
