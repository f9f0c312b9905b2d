"""Rails: the route table, controllers and their filters (guides.rubyonrails.org: routing, action controller overview)."""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources.reading import app, one, who

APPLICATION = """
class ApplicationController < ActionController::Base
  before_action :require_login

  private

  def require_login
    unless current_user
      redirect_to new_session_url
    end
  end
end
"""


def rails(root: Path, routes: str, **controllers: str) -> Surface:
    """An app with these routes and controllers: ``admin__users`` is admin/users_controller.rb."""
    files = {"config/routes.rb": f"Rails.application.routes.draw do\n{routes}\nend\n"}
    for name, text in controllers.items():
        files[f"app/controllers/{name.replace('__', '/')}_controller.rb"] = text
    return app(root, files)


def controller(name: str, *actions: str, lines: str = "") -> str:
    """A controller that answers these actions."""
    defined = "\n".join(f"  def {action}\n    render json: {{}}\n  end" for action in actions)
    return f"class {name} < ActionController::Base\n{lines}\n{defined}\nend\n"


def test_resources_and_what_surrounds_them(tmp_path: Path) -> None:
    found = rails(
        tmp_path,
        """
        root "pages#home"
        resources :photos, only: %i[index show] do
          member { get :preview }
          collection do
            get "search"
          end
          resources :comments, only: :create, shallow: true
        end
        resource :profile, except: [:new, :edit, :create, :destroy]
        namespace :admin do
          resources :users, only: :destroy, param: :name
        end
        scope "/v1", module: "api" do
          get "status(.:format)", to: "health#show"
          match "hook", to: "health#hook", via: [:get, :post]
        end
        """,
    )
    assert set(who(found)) == {
        "GET /",
        "GET /photos",
        "GET /photos/{id}",
        "GET /photos/{id}/preview",
        "GET /photos/search",
        "POST /photos/{photo_id}/comments",
        "GET /profile",
        "PATCH /profile",
        "PUT /profile",
        "DELETE /admin/users/{name}",
        "GET /v1/status",
        "GET /v1/hook",
        "POST /v1/hook",
    }
    assert one(found, "DELETE /admin/users/{name}").source.what == "admin/users#destroy"
    assert one(found, "GET /profile").source.what == "profiles#show"
    assert set(who(found).values()) == {"unknown"}  # their controllers are not in the source


def test_a_resource_has_only_the_routes_that_something_answers(tmp_path: Path) -> None:
    found = rails(tmp_path, "resources :notes", notes=controller("NotesController", "index", "create"))
    assert who(found) == {"GET /notes": "open", "POST /notes": "open"}


def test_concerns_loops_and_drawn_files(tmp_path: Path) -> None:
    files = {
        "config/routes.rb": """Rails.application.routes.draw do
          concern :commentable do
            resources :comments, only: :index
          end
          resources :posts, only: [], concerns: :commentable
          %w[daily weekly].each { |span| get "reports/#{span}", to: "reports#show" }
          scope(:v2) { draw :api }
        end""",
        "config/routes/api.rb": 'get "ping", to: "health#ping"',
    }
    assert set(who(app(tmp_path, files))) == {
        "GET /posts/{post_id}/comments",
        "GET /reports/daily",
        "GET /reports/weekly",
        "GET /v2/ping",
    }


def test_filters_are_inherited_skipped_and_limited(tmp_path: Path) -> None:
    found = rails(
        tmp_path,
        "resources :notes, only: [:index, :show, :create]\nget 'about', to: 'pages#about'",
        application=APPLICATION,
        notes="""
        class NotesController < ApplicationController
          skip_before_action :require_login, only: :index
          def index; end
          def show; end
          def create; end
        end
        """,
        pages="""
        class PagesController < ActionController::Base
          def about; end
        end
        """,
    )
    assert who(found) == {
        "GET /notes": "open",
        "GET /notes/{id}": "guarded",
        "POST /notes": "guarded",
        "GET /about": "open",
    }
    assert "application_controller.rb:7" in one(found, "POST /notes").access.evidence[0].what


def test_a_filter_named_again_replaces_the_inherited_one(tmp_path: Path) -> None:
    notes = """
    class NotesController < ApplicationController
      before_action :require_login, only: :create
      def index; end
      def create; end
    end
    """
    found = rails(tmp_path, "resources :notes, only: [:index, :create]", application=APPLICATION, notes=notes)
    assert who(found) == {"GET /notes": "open", "POST /notes": "guarded"}


def test_a_filter_that_keeps_nobody_out_is_no_guard(tmp_path: Path) -> None:
    lines = """
      before_action :only_guests, only: :index
      before_action :no_banned, only: :show
      before_action :open_projects, only: :edit
      before_action :bearer, only: :update
      def only_guests
        redirect_to root_path if current_user
      end
      def no_banned
        head :forbidden if current_user.banned?
      end
      def open_projects
        head :forbidden unless @project.public?
      end
      def bearer
        authenticate_with_http_token { |token| Key.find_by(token:) } || head(:unauthorized)
      end
    """
    routes = "resources :notes, only: [:index, :show, :edit, :update]"
    text = controller("NotesController", "index", "show", "edit", "update", lines=lines)
    assert who(rails(tmp_path, routes, notes=text)) == {
        "GET /notes": "open",
        "GET /notes/{id}": "unknown",
        "GET /notes/{id}/edit": "unknown",
        "PATCH /notes/{id}": "guarded",
        "PUT /notes/{id}": "guarded",
    }


def test_concerns_bring_filters_and_macros_that_skip_them(tmp_path: Path) -> None:
    files = {
        "config/routes.rb": "Rails.application.routes.draw do\nresource :session, only: [:new, :destroy]\nend",
        "app/controllers/application_controller.rb": """
        class ApplicationController < ActionController::Base
          include Authentication
        end""",
        # What rails generate authentication writes.
        "app/controllers/concerns/authentication.rb": """
        module Authentication
          extend ActiveSupport::Concern
          included do
            before_action :require_authentication
          end
          class_methods do
            def allow_unauthenticated_access(**options)
              skip_before_action :require_authentication, **options
            end
          end
          private
            def require_authentication
              resume_session || request_authentication
            end
            def resume_session
              Current.session ||= Session.find_by(id: cookies.signed[:session_id])
            end
            def request_authentication
              redirect_to new_session_path
            end
        end""",
        "app/controllers/sessions_controller.rb": """
        class SessionsController < ApplicationController
          allow_unauthenticated_access only: %i[ new ]
          def new; end
          def destroy; end
        end""",
    }
    found = who(app(tmp_path, files))
    assert found == {"GET /session/new": "open", "DELETE /session": "guarded"}


def test_an_action_may_refuse_by_itself_or_only_know_the_caller(tmp_path: Path) -> None:
    text = """
    class NotesController < ActionController::Base
      def index
        return head(:unauthorized) unless current_user
        render json: current_user.notes
      end
      def show
        render json: current_user&.name
      end
      def create
        authorize Note
      end
      def update
        if @user.nil?
          render :teaser
        else
          render :all
        end
      end
    end
    """
    routes = "resources :notes, only: [:index, :show, :create]\nput 'notes', to: 'notes#update'"
    assert who(rails(tmp_path, routes, notes=text)) == {
        "GET /notes": "guarded",
        "GET /notes/{id}": "unknown",
        "POST /notes": "unknown",
        "PUT /notes": "open",
    }


def test_devise_gives_its_routes_and_its_terminal(tmp_path: Path) -> None:
    files = {
        "config/routes.rb": """Rails.application.routes.draw do
          devise_for :users, path: "people"
          authenticate :user do
            mount Sidekiq::Web, at: "/jobs"
          end
          resources :notes, only: :index
        end""",
        "app/models/user.rb": "class User < ApplicationRecord\n  devise :database_authenticatable, :recoverable\nend",
        "app/controllers/notes_controller.rb": controller(
            "NotesController", "index", lines="  before_action :authenticate_user!"
        ),
    }
    found = who(app(tmp_path, files))
    assert found == {
        "GET /people/sign_in": "open",
        "POST /people/sign_in": "open",
        "DELETE /people/sign_out": "open",
        "GET /people/password/new": "open",
        "GET /people/password/edit": "open",
        "PATCH /people/password": "open",
        "PUT /people/password": "open",
        "POST /people/password": "open",
        "GET /jobs": "guarded",
        "GET /notes": "guarded",
    }


def test_inputs_are_what_an_action_and_its_helpers_read(tmp_path: Path) -> None:
    text = """
    class NotesController < ActionController::Base
      def create
        Note.create!(note_params)
        request.headers["X-Trace"]
        cookies.signed[:seen]
      end
      private
      def note_params
        params.require(:note).permit(:title, tags: [])
      end
    end
    """
    found = rails(tmp_path, "resources :notes, only: :create", notes=text)
    given = {(entry.where, entry.name) for entry in one(found, "POST /notes").inputs}
    assert given == {("form", "title"), ("form", "tags"), ("header", "X-Trace"), ("cookie", "seen")}


def test_a_filter_that_may_refuse_where_we_did_not_look_is_unknown(tmp_path: Path) -> None:
    reports = """
    class ReportsController < ActionController::Base
      before_action :check_access
      def index; end
      def check_access; Library.verify!(self); end
    end
    """
    assert who(rails(tmp_path, "resources :reports, only: :index", reports=reports)) == {"GET /reports": "unknown"}


def test_with_options_may_give_the_router_a_name(tmp_path: Path) -> None:
    """guides.rubyonrails.org, ActiveSupport with_options: the block's parameter passes the options on."""
    found = rails(
        tmp_path,
        "with_options only: [:index] do |map|\n  map.resources :cities\n  map.get 'towns', to: 'cities#index'\nend",
        cities=controller("CitiesController", "index", "show"),
    )
    assert set(who(found)) == {"GET /cities", "GET /towns"}


def test_a_webhook_that_braintree_parses_is_verified(tmp_path: Path) -> None:
    """Braintree's parse() raises InvalidSignature (developer.paypal.com/braintree: webhooks, parse)."""
    hooks = """class HooksController < ActionController::Base
  before_action :parse_notification
  def create
    render json: @notification.kind
  end

  private

  def parse_notification
    @notification = gateway.webhook_notification.parse(params[:bt_signature], params[:bt_payload])
  end
end
"""
    found = rails(tmp_path, "post 'hooks', to: 'hooks#create'", hooks=hooks)
    assert one(found, "POST /hooks").access.how == "signature"
