// Everything works without this file but security keys and passkeys, which run
// Kratos' own script: its functions are named by data-trigger on the button that
// starts them and by data-load-trigger on what starts them by itself.
(function () {
  "use strict"

  var known = /^ory(WebAuthn|Passkey)[A-Za-z]+$/

  function run(name, value) {
    if (!known.test(name) || typeof window[name] !== "function") {
      return
    }
    if (value) {
      window[name](JSON.parse(value))
    } else {
      window[name]()
    }
  }

  function copy(button) {
    var items = document.getElementById(button.dataset.copy).querySelectorAll("[data-code]")
    var text = Array.prototype.map.call(items, function (i) { return i.dataset.code }).join("\n")
    navigator.clipboard.writeText(text).then(function () {
      button.textContent = button.dataset.done
    }, function () {})
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button")
    if (!button) {
      return
    }
    if (button.dataset.trigger) {
      event.preventDefault()
      run(button.dataset.trigger, button.value)
    } else if (button.dataset.copy) {
      copy(button)
    } else if ("print" in button.dataset) {
      window.print()
    }
  })

  // The Enter key in an input of a form that only a script can send.
  document.addEventListener("submit", function (event) {
    var button = event.target.querySelector("button[data-trigger]")
    if (!event.submitter && button) {
      event.preventDefault()
      button.click()
    }
  })

  window.addEventListener("load", function () {
    document.querySelectorAll("[data-load-trigger]").forEach(function (input) {
      run(input.dataset.loadTrigger, "")
    })
  })

  document.querySelectorAll("[data-script]").forEach(function (element) {
    if (!("copy" in element.dataset) || navigator.clipboard) {
      element.hidden = false
    }
  })
})()
