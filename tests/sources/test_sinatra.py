"""Sinatra: routes, filters, namespaces, modular apps and config.ru (sinatrarb.com/intro.html)."""

from pathlib import Path

from tests.sources.reading import app, one, who


def test_a_classic_app_and_its_filters(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.rb": """
            require 'sinatra'
            helpers do
              def protected!
                return if authorized?
                halt 401, 'Not authorized'
              end
              def authorized?
                @auth ||= Rack::Auth::Basic::Request.new(request.env)
                @auth.provided? && @auth.credentials == %w[admin secret]
              end
            end
            before '/admin/*' do
              redirect '/login' unless session[:user_id]
            end
            get('/') { 'hello' }
            get '/admin/users' do
              erb :users
            end
            post '/notes/:id' do
              protected!
              params[:text]
            end
            get '/download/*.*' do
              send_file params['splat']
            end
            """
        },
    )
    assert who(found) == {
        "GET /": "open",
        "GET /admin/users": "guarded",
        "POST /notes/{id}": "guarded",
        "GET /download/{splat}.*": "open",
    }
    assert [(given.where, given.name) for given in one(found, "POST /notes/{id}").inputs] == [
        ("path", "id"),
        ("form", "text"),
    ]


def test_modular_apps_stand_where_config_ru_maps_them(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "base.rb": """
            require 'sinatra/base'
            class Base < Sinatra::Base
              before do
                halt 401 unless env['warden'].authenticated?
              end
            end
            """,
            "api.rb": """
            class Api < Base
              get '/things' do
                json things
              end
            end
            """,
            "pages.rb": """
            require 'sinatra/base'
            class Pages < Sinatra::Base
              get '/about' do
                erb :about
              end
              namespace '/v1' do
                before { halt 403 unless current_user&.admin? }
                get '/stats' do
                  json stats
                end
              end
            end
            """,
            "config.ru": """
            map('/api') { run Api }
            map '/' do
              run Pages
            end
            """,
        },
    )
    assert who(found) == {"GET /api/things": "guarded", "GET /about": "open", "GET /v1/stats": "guarded"}


def test_a_filter_that_spares_some_paths_by_its_own_words_is_unknown(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.rb": """
            require 'sinatra'
            before do
              halt 401 unless public_path?(request.path_info)
            end
            get '/about' do
              'x'
            end
            """
        },
    )
    assert who(found) == {"GET /about": "unknown"}


def test_words_of_the_language_are_no_routes(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "app.rb": """
            require 'sinatra'
            class Store
              def drop
                delete "DELETE FROM notes"
                headers.delete 'x'
              end
            end
            route :get, :post, '/both' do
              'x'
            end
            """
        },
    )
    assert set(who(found)) == {"GET /both", "POST /both"}
