// The template editor: a textarea with its own text made transparent, over a <pre> that shows the same text coloured.
//
// The browser owns the text. Python's `data.value` is taken when the editor appears, and when `data.revision` changes
// and the value is another than the one last sent; no other rerun touches what is being typed. What is typed goes back
// as {text, revision}: 150 ms after the last key, and when the editor loses the focus.

const COMMIT_DELAY = 150
const MAX_LINES = 24
const INDENT = "  "
const CLOSERS = { "{": "}", "[": "]", '"': '"' }
const VARIABLE = /\$\$|\$\{[^}\n]*\}?|\$[A-Za-z_]\w*|\$/g
const TOKEN = new RegExp(
  [
    /(?<string>"(?:\$\{[^}\n]*\}|\\.|[^"\\\n])*"?)(?<key>\s*:)?/,
    /(?<variable>\$\$|\$\{[^}\n]*\}?|\$[A-Za-z_]\w*|\$)/,
    /(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/,
    /(?<literal>\b(?:true|false|null)\b)/,
    /(?<punctuation>[{}[\]:,])/,
  ].map(part => part.source).join("|"),
  "g",
)

// ---- Pure functions over the text --------------------------------------------------------------------------------

/** The coloured ranges of `text`, in order: [start, end, class]. */
function tokens(text, known) {
  const found = []
  const variable = (word, at) => {
    if (word === "$$") return found.push([at, at + 2, "escape"])
    const name = word.replace(/^\$\{?/, "").replace(/[|}].*$/, "").trim()
    found.push([at, at + word.length, known.has(name) ? "variable" : "unknown"])
  }
  for (const { 0: whole, index, groups } of text.matchAll(TOKEN)) {
    if (groups.variable) variable(whole, index)
    else if (groups.string) {
      const kind = groups.key ? "key" : "string"
      let from = index
      const end = index + groups.string.length
      for (const inner of groups.string.matchAll(VARIABLE)) {
        found.push([from, index + inner.index, kind])
        variable(inner[0], index + inner.index)
        from = index + inner.index + inner[0].length
      }
      found.push([from, end, kind])
      if (groups.key) found.push([end, index + whole.length, "punctuation"])
    } else found.push([index, index + whole.length, Object.keys(groups).find(name => groups[name])])
  }
  return found.filter(([start, end]) => end > start)
}

/** What one edit did: `from` is the first changed offset, `oldEnd`/`newEnd` the first offset after it in each text. */
function change(before, after) {
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before[from] === after[from]) from++
  let same = 0
  while (same < shorter - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  return { from, oldEnd: before.length - same, newEnd: after.length - same }
}

/** Python's mistakes (code points of `checked`) as offsets in `text`; one that was edited since is left out. */
function located(mistakes, checked, text) {
  const points = Array.from(checked)
  const offset = point => points.slice(0, point).join("").length
  const edit = checked === text ? null : change(checked, text)
  const found = []
  for (const mistake of mistakes) {
    let [start, end] = [offset(mistake.start), offset(mistake.end)]
    if (edit && end > edit.from) {
      if (start < edit.oldEnd || edit.oldEnd < edit.from) continue
      start += edit.newEnd - edit.oldEnd
      end += edit.newEnd - edit.oldEnd
    }
    found.push({ ...mistake, start, end })
  }
  return found
}

function position(text, offset) {
  const lines = text.slice(0, offset).split("\n")
  return { line: lines.length, column: Array.from(lines.at(-1)).length + 1 }
}

function sentence(mistake, text) {
  const { line, column } = position(text, mistake.start)
  return `Line ${line}, column ${column}: ${[mistake.message, mistake.hint].filter(Boolean).join(" ")}`
}

/** The variable being typed at `caret`: {start, end, typed, braced}, or null. */
function completable(text, caret) {
  const before = /(?:^|[^$])(?:\$\$)*(\$(\{?)(\w*))$/.exec(text.slice(0, caret))
  if (!before) return null
  const rest = /^\w*/.exec(text.slice(caret))[0]
  return { start: caret - before[3].length, end: caret + rest.length, typed: before[3], braced: Boolean(before[2]) }
}

// ---- The editor on the page --------------------------------------------------------------------------------------

class Editor {
  constructor(root) {
    this.root = root
    for (const part of ["label", "frame", "gutter", "code", "textarea", "message", "listbox"])
      this[part] = root.querySelector(`[data-part=${part}]`)
    this.closers = [] // offsets of brackets and quotes that the editor itself put in: typing them steps over
    this.text = ""
    this.textarea.oninput = () => this.edited()
    this.textarea.onkeydown = event => this.key(event)
    this.textarea.onscroll = () => this.scroll()
    this.textarea.onmousemove = event => this.hover(event)
    this.textarea.onclick = () => this.close()
    this.textarea.onblur = () => {
      this.close()
      this.commit()
    }
    this.hideOnScroll = event => event.target !== this.listbox && this.close()
    addEventListener("scroll", this.hideOnScroll, true)
  }

  /** Takes what Python sent; runs on every rerun that changed something. */
  receive({ data, setStateValue }) {
    this.send = setStateValue
    this.data = data
    this.known = new Set([...data.variables.map(variable => variable.name), ...data.also_known])
    this.label.textContent = data.label
    this.textarea.readOnly = data.disabled
    const revised = this.revision !== data.revision
    this.revision = data.revision
    if (revised && data.value !== this.committed) {
      clearTimeout(this.timer)
      this.closers = []
      this.textarea.value = this.text = this.committed = data.value
      this.close()
    }
    this.paint()
  }

  edited() {
    const { from, oldEnd, newEnd } = change(this.text, this.textarea.value)
    this.closers = this.closers.filter(at => at < from || at >= oldEnd).map(at => (at < from ? at : at + newEnd - oldEnd))
    this.text = this.textarea.value
    this.paint()
    this.suggest()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.commit(), COMMIT_DELAY)
  }

  commit() {
    clearTimeout(this.timer)
    if (this.text === this.committed) return
    this.committed = this.text
    this.send("edit", { text: this.text, revision: this.revision })
  }

  remove() {
    clearTimeout(this.timer)
    removeEventListener("scroll", this.hideOnScroll, true)
  }

  // Drawing

  paint() {
    const text = this.text
    const lines = text.split("\n").length
    this.mistakes = located(this.data.mistakes, this.data.value, text)
    this.frame.style.setProperty("--lines", Math.min(Math.max(lines, this.data.min_lines), MAX_LINES))
    this.frame.style.setProperty("--digits", Math.max(2, String(lines).length))
    this.textarea.style.overflowY = lines > MAX_LINES ? "auto" : "hidden"

    const ranges = tokens(text, this.known)
    const cuts = new Set([0, text.length, ...ranges.flatMap(([start, end]) => [start, end])])
    for (const mistake of this.mistakes) cuts.add(mistake.start).add(mistake.end)
    const offsets = [...cuts].filter(at => at <= text.length).sort((a, b) => a - b)
    let next = 0
    const spans = offsets.slice(0, -1).map((start, index) => {
      while (next < ranges.length && ranges[next][1] <= start) next++
      const span = document.createElement("span")
      span.textContent = text.slice(start, offsets[index + 1])
      if (next < ranges.length && ranges[next][0] <= start) span.className = ranges[next][2]
      span.classList.toggle("mistake", this.mistakes.some(one => one.start <= start && start < one.end))
      return span
    })
    const atEnd = this.mistakes.some(one => one.start >= text.length)
    const end = Object.assign(document.createElement("span"), { className: atEnd ? "mistake" : "", textContent: " \n" })
    this.code.replaceChildren(...spans, end)

    const wrong = new Set(this.mistakes.map(mistake => position(text, mistake.start).line))
    this.gutter.replaceChildren(
      ...Array.from({ length: Math.max(lines, this.data.min_lines) }, (_, index) =>
        Object.assign(document.createElement("span"), {
          textContent: index < lines ? index + 1 : "",
          className: wrong.has(index + 1) ? "wrong" : "",
        }),
      ),
    )

    const more = this.mistakes.length - 1
    const summary = more < 0 ? "" : sentence(this.mistakes[0], text) + (more ? ` (${more} more)` : "")
    if (this.message.textContent !== summary) this.message.textContent = summary
    this.textarea.setAttribute("aria-invalid", String(more >= 0))
    this.frame.classList.toggle("invalid", more >= 0)
    this.scroll()
  }

  scroll() {
    this.code.style.transform = `translate(${-this.textarea.scrollLeft}px, ${-this.textarea.scrollTop}px)`
    this.gutter.style.transform = `translateY(${-this.textarea.scrollTop}px)`
  }

  /** The textarea lies over the underlined text, so the title of the mistake under the pointer is set on it. */
  hover({ clientX, clientY }) {
    const inside = box => box.left <= clientX && clientX <= box.right && box.top <= clientY && clientY <= box.bottom
    const found = this.mistakes.find(one => [...this.range(one.start, one.end).getClientRects()].some(inside))
    this.textarea.title = found ? sentence(found, this.text) : ""
  }

  range(start, end) {
    const range = document.createRange()
    let at = 0
    for (const span of this.code.children) {
      const length = span.textContent.length
      if (at <= start && start <= at + length) range.setStart(span.firstChild, start - at)
      if (at <= end && end <= at + length) {
        range.setEnd(span.firstChild, end - at)
        break
      }
      at += length
    }
    return range
  }

  // Editing: every change goes through execCommand, so that undo and redo stay the browser's own

  replace(start, end, text, caret = start + text.length) {
    this.textarea.setSelectionRange(start, end)
    if (text) document.execCommand("insertText", false, text)
    else if (end > start) document.execCommand("delete")
    this.textarea.setSelectionRange(caret, caret)
  }

  key(event) {
    if (event.isComposing || this.textarea.readOnly) return
    if (this.open && this.choose(event)) return
    const leaving = this.leaving
    this.leaving = event.key === "Escape"
    const { selectionStart: start, selectionEnd: end } = this.textarea
    const [before, after] = [this.text[start - 1] ?? "", this.text[end] ?? ""]
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey
    const done = () => event.preventDefault()

    if (event.key === "Tab" && plain && !event.shiftKey && !leaving) {
      done()
      this.indent(start, end)
    } else if (event.key === " " && event.ctrlKey) {
      done()
      this.suggest()
    } else if (event.key === "Enter" && plain) {
      done()
      const margin = /^[ \t]*/.exec(this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start))[0]
      const opened = before === "{" || before === "["
      const inner = "\n" + margin + (opened ? INDENT : "")
      const outer = opened && after === CLOSERS[before] ? "\n" + margin : ""
      this.replace(start, end, inner + outer, start + inner.length)
    } else if (event.key === "Backspace" && start === end && CLOSERS[before] === after && this.closers.includes(start)) {
      done()
      this.replace(start - 1, start + 1, "")
    } else if (plain && start === end && event.key === after && this.closers.includes(start)) {
      done()
      this.closers = this.closers.filter(at => at !== start)
      this.textarea.setSelectionRange(start + 1, start + 1)
    } else if (plain && CLOSERS[event.key] && this.pairs(event.key, start, end, before, after)) {
      done()
      this.replace(start, end, event.key + this.text.slice(start, end) + CLOSERS[event.key], start + 1)
      if (start === end) this.closers.push(start + 1)
      else this.textarea.setSelectionRange(start + 1, end + 1)
    }
  }

  /** Whether typing `opener` also puts in its closer: around words that are selected, or where nothing follows on. */
  pairs(opener, start, end, before, after) {
    if (start !== end) return end - start < this.text.length && !this.text.slice(start, end).includes("\n")
    if (!/^[\s,:}\]]?$/.test(after) && !(after === '"' && before === "$")) return false
    const line = this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start)
    const inString = (line.match(/\\.|"/g) ?? []).filter(mark => mark === '"').length % 2 === 1
    return inString ? opener === "{" && before === "$" : !/[\w"\\]/.test(before) || opener !== '"'
  }

  indent(start, end) {
    if (!this.text.slice(start, end).includes("\n")) return this.replace(start, end, INDENT)
    const from = this.text.lastIndexOf("\n", start - 1) + 1
    const block = this.text.slice(from, end).replace(/^(?=.)/gm, INDENT)
    this.replace(from, end, block)
    this.textarea.setSelectionRange(from, from + block.length)
  }

  // Completion

  suggest() {
    const caret = this.textarea.selectionStart
    this.target = this.textarea.selectionEnd === caret ? completable(this.text, caret) : null
    const typed = this.target?.typed.toLowerCase()
    const score = name => (name.toLowerCase().startsWith(typed) ? 0 : name.toLowerCase().includes(typed) ? 1 : 2)
    this.options = !this.target ? [] : this.data.variables.filter(one => score(one.name) < 2 && one.name !== this.target.typed)
    if (!this.options.length) return this.close()
    this.options.sort((a, b) => score(a.name) - score(b.name))
    this.listbox.replaceChildren(
      ...this.options.map((variable, index) => {
        const option = Object.assign(document.createElement("div"), { id: `option-${index}`, role: "option" })
        option.append(
          Object.assign(document.createElement("span"), { className: "name", textContent: "$" + variable.name }),
          Object.assign(document.createElement("span"), { className: "detail", textContent: variable.detail }),
        )
        option.dataset.kind = variable.kind
        option.onpointerdown = event => {
          event.preventDefault() // keeps the focus in the textarea
          this.accept(index)
        }
        return option
      }),
    )
    if (!this.open) this.listbox.showPopover()
    this.open = true
    const { left, top, bottom } = this.range(this.target.start, this.target.start).getBoundingClientRect()
    const { offsetWidth, offsetHeight } = this.listbox
    const below = bottom + 4 + offsetHeight <= innerHeight
    this.listbox.style.left = `${Math.max(8, Math.min(left - 12, innerWidth - offsetWidth - 8))}px`
    this.listbox.style.top = `${below ? bottom + 4 : Math.max(8, top - offsetHeight - 4)}px`
    this.select(0)
  }

  select(index) {
    this.selected = (index + this.options.length) % this.options.length
    for (const [at, option] of [...this.listbox.children].entries())
      option.setAttribute("aria-selected", String(at === this.selected))
    this.listbox.children[this.selected].scrollIntoView({ block: "nearest" })
    this.textarea.setAttribute("aria-activedescendant", `option-${this.selected}`)
  }

  /** A key while the list is open; true when the list has used it. */
  choose(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key in steps) this.select(this.selected + steps[event.key])
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.accept(this.selected)
    else if (event.key === "Escape") this.close()
    else {
      if (/^(Arrow|Home|End|Page)/.test(event.key)) this.close()
      return false
    }
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  /** Inside `${ }` the caret stays before the brace, where a filter can follow. */
  accept(index) {
    const { start, end, braced } = this.target
    const { name } = this.options[index]
    const closed = !braced || /^[^"\n{]*\}/.test(this.text.slice(end))
    this.replace(start, end, closed ? name : name + "}", start + name.length)
    this.close()
  }

  close() {
    if (!this.open) return
    this.open = false
    this.listbox.hidePopover()
    this.textarea.removeAttribute("aria-activedescendant")
  }
}

export default function (component) {
  const root = component.parentElement.querySelector("[data-part=root]")
  root.editor ??= new Editor(root)
  root.editor.receive(component)
  return () => root.editor.remove()
}
